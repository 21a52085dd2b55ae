import type { Ref, TextareaHTMLAttributes } from 'react';
import { cx } from './cx';
import { useField } from './field';

interface TextareaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines of text; grows with what is written where the browser can. */
export function Textarea({ className, ref, rows = 3, ...rest }: TextareaProps) {
  const field = useField();
  return (
    <textarea
      ref={ref}
      id={field.id}
      rows={rows}
      aria-describedby={field.describedBy}
      aria-invalid={field.invalid || undefined}
      required={field.required || undefined}
      className={cx(
        'w-full min-w-0 rounded-2 border px-3 py-2.5 [field-sizing:content] placeholder:text-text-3',
        'focus:border-brand-focus focus:outline-2 focus:-outline-offset-1 focus:outline-brand-focus',
        rest.readOnly ? 'border-transparent bg-sunken' : 'bg-surface',
        rest.disabled && 'cursor-not-allowed bg-hover text-text-3',
        !rest.readOnly && (field.invalid ? 'border-danger-mark' : 'border-control'),
        className,
      )}
      {...rest}
    />
  );
}
