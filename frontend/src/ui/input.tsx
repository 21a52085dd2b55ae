import { CircleAlert } from 'lucide-react';
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx';
import { useField } from './field';
import { Icon } from './icon';

export interface InputProps extends InputHTMLAttributes<HTMLInputElement> {
  start?: ReactNode;
  end?: ReactNode;
  /** Text that belongs to the value but is not typed, like the end of an address. */
  suffix?: ReactNode;
  /** Quiet: a hairline instead of the control border, for search in a bar. */
  quiet?: boolean;
  /** Draws the border of a passed check. */
  good?: boolean;
  ref?: Ref<HTMLInputElement>;
}

/** One line of text. The whole frame is the target: a press beside the text lands in it. */
export function Input({ start, end, suffix, quiet = false, good = false, className, ref, ...rest }: InputProps) {
  const field = useField();
  const invalid = rest['aria-invalid'] === true || field.invalid === true;
  return (
    <span
      className={cx(
        'flex h-(--ctl) min-w-0 items-center gap-2 rounded-2 border px-3 transition-colors duration-[90ms]',
        'focus-within:border-brand-focus focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-brand-focus',
        rest.readOnly ? 'border-transparent bg-sunken' : 'bg-surface',
        rest.disabled && 'cursor-not-allowed bg-hover text-text-3',
        !rest.readOnly &&
          (invalid ? 'border-danger-mark' : good ? 'border-success-mark' : quiet ? 'border-line-2' : 'border-control'),
        className,
      )}
    >
      {start}
      <input
        ref={ref}
        id={field.id}
        aria-describedby={field.describedBy}
        aria-invalid={invalid || undefined}
        required={field.required || undefined}
        {...rest}
        className="h-full w-full min-w-0 flex-1 bg-transparent text-inherit outline-none placeholder:text-text-3"
      />
      {suffix ? <span className="flex-none text-text-3">{suffix}</span> : null}
      {end}
      {invalid && !end ? <Icon as={CircleAlert} className="text-danger-text" /> : null}
    </span>
  );
}
