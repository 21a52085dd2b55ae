import { RadioGroup } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';

interface RadioOption<Value extends string> {
  value: Value;
  label: ReactNode;
  detail?: ReactNode;
  disabled?: boolean;
}

interface RadioProps<Value extends string> {
  label: ReactNode;
  value: Value | undefined;
  onChange: (value: Value) => void;
  options: readonly RadioOption<Value>[];
  /** Keeps the group's label for screen readers only. */
  hideLabel?: boolean;
  name?: string;
  className?: string;
}

/** One of a few, all of them visible, with room to say what each means. */
export function Radio<Value extends string>({ label, value, onChange, options, hideLabel, name, className }: RadioProps<Value>) {
  const id = useId();
  return (
    <div className={cx('flex flex-col gap-2', className)}>
      <span id={`${id}-label`} className={hideLabel ? 'sr-only' : 'text-[0.94em] font-[540]'}>
        {label}
      </span>
      <RadioGroup.Root
        aria-labelledby={`${id}-label`}
        value={value ?? ''}
        onValueChange={(next) => onChange(next as Value)}
        {...(name === undefined ? {} : { name })}
        className="flex flex-col gap-1"
      >
        {options.map((option) => (
          <div key={option.value} className="flex gap-3 py-1">
            <span className="flex h-(--lh) items-center">
              <RadioGroup.Item
                id={`${id}-${option.value}`}
                value={option.value}
                {...(option.disabled ? { disabled: true } : {})}
                aria-describedby={option.detail ? `${id}-${option.value}-detail` : undefined}
                className="relative size-5 flex-none rounded-full border-[1.5px] border-control bg-surface before:absolute before:-inset-1 disabled:cursor-not-allowed disabled:bg-hover pointer-coarse:before:-inset-3 data-[state=checked]:border-[6px] data-[state=checked]:border-control-solid data-[state=checked]:bg-control-on data-[state=checked]:ring-1 data-[state=checked]:ring-control-edge"
              />
            </span>
            <span className="min-w-0">
              <label htmlFor={`${id}-${option.value}`}>{option.label}</label>
              {option.detail ? (
                <span id={`${id}-${option.value}-detail`} className="block t-xs text-text-3">
                  {option.detail}
                </span>
              ) : null}
            </span>
          </div>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
