import { Switch as Radix } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
  /** Words first, switch at the end of the row: for lists of settings. */
  row?: boolean;
  className?: string;
}

/** Takes effect at once. For what is saved with a form, use a checkbox. */
export function Switch({ checked, onChange, label, hint, disabled, row = false, className }: SwitchProps) {
  const id = useId();
  return (
    <div className={cx('flex items-center gap-3', row && 'flex-row-reverse justify-between', className)}>
      <Radix.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        {...(disabled ? { disabled } : {})}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="relative h-[22px] w-9 flex-none rounded-full bg-control transition-colors duration-[90ms] before:absolute before:-inset-1 disabled:cursor-not-allowed disabled:opacity-60 pointer-coarse:before:-inset-3 data-[state=checked]:bg-control-solid data-[state=checked]:ring-1 data-[state=checked]:ring-control-edge data-[state=checked]:ring-inset"
      >
        <Radix.Thumb className="block size-4 translate-x-[3px] rounded-full bg-white transition-transform duration-[90ms] data-[state=checked]:translate-x-[17px] data-[state=checked]:bg-control-on rtl:-translate-x-[3px] rtl:data-[state=checked]:-translate-x-[17px]" />
      </Radix.Root>
      <span className="min-w-0">
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <span id={`${id}-hint`} className="block t-xs text-text-3">
            {hint}
          </span>
        ) : null}
      </span>
    </div>
  );
}
