import { Check, Minus } from 'lucide-react';
import { Checkbox as Radix } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';
import { Icon } from './icon';

interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  /** Beside the box. Without it give `aria-label`. */
  label?: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  disabled?: boolean;
  required?: boolean;
  name?: string;
  'aria-label'?: string;
  className?: string;
}

/** On, off or some. The words belong to the target; on touch it is 44 px high. */
export function Checkbox({ checked, onChange, label, hint, error, className, ...rest }: CheckboxProps) {
  const id = useId();
  const message = error ?? hint;
  const box = (
    <Radix.Root
      id={id}
      checked={checked}
      onCheckedChange={(next) => onChange(next === true)}
      aria-describedby={message ? `${id}-message` : undefined}
      aria-invalid={error ? true : undefined}
      {...rest}
      className={cx(
        'relative grid size-[18px] flex-none place-items-center rounded-1 border-[1.5px] bg-surface text-control-on transition-colors duration-[90ms] disabled:cursor-not-allowed disabled:bg-hover',
        // The box is 18 px; what answers to a finger is larger.
        'before:absolute before:-inset-[5px] pointer-coarse:before:-inset-[13px]',
        error ? 'border-danger-mark' : 'border-control',
        'data-[state=checked]:border-control-edge data-[state=checked]:bg-control-solid data-[state=indeterminate]:border-control-edge data-[state=indeterminate]:bg-control-solid',
        !label && className,
      )}
    >
      <Radix.Indicator>
        <Icon as={checked === 'indeterminate' ? Minus : Check} size={12} />
      </Radix.Indicator>
    </Radix.Root>
  );
  if (!label) return box;
  return (
    <div className={cx('flex gap-3', className)}>
      <span className="flex h-(--lh) items-center">{box}</span>
      <span className="min-w-0">
        <label htmlFor={id}>{label}</label>
        {message ? (
          <span id={`${id}-message`} className={cx('block t-xs', error ? 'text-danger-text' : 'text-text-3')}>
            {message}
          </span>
        ) : null}
      </span>
    </div>
  );
}
