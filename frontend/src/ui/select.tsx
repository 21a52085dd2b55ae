import type { Ref, SelectHTMLAttributes } from 'react';
import { cx } from './cx';
import { useField } from './field';

export interface SelectOption<Value extends string> {
  value: Value;
  label: string;
  disabled?: boolean;
}

interface SelectProps<Value extends string> extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange' | 'size'> {
  value: Value | undefined;
  onChange: (value: Value) => void;
  options: readonly SelectOption<Value>[];
  /** Shown while nothing is chosen; cannot be chosen itself. */
  placeholder?: string;
  size?: 'sm' | 'md';
  ref?: Ref<HTMLSelectElement>;
}

/**
 * One of a few values. The browser's own select, which every keyboard and screen reader knows; where the browser lets
 * its list be drawn (`appearance: base-select`, see select.css) it looks like our menus, elsewhere like the device's.
 */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  size = 'md',
  className,
  ref,
  ...rest
}: SelectProps<Value>) {
  const field = useField();
  return (
    <select
      ref={ref}
      id={field.id}
      aria-describedby={field.describedBy}
      aria-invalid={field.invalid || undefined}
      required={field.required || undefined}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value as Value)}
      className={cx(
        'select w-full min-w-0 items-center rounded-2 border bg-surface px-3',
        'focus-visible:border-brand-focus focus-visible:-outline-offset-1 disabled:cursor-not-allowed disabled:bg-hover disabled:text-text-3',
        size === 'md' ? 'h-(--ctl)' : 'h-[calc(var(--ctl)-8px)] text-[0.93em]',
        field.invalid ? 'border-danger-mark' : 'border-control',
        className,
      )}
      {...rest}
    >
      {placeholder === undefined ? null : (
        <option value="" disabled hidden>
          {placeholder}
        </option>
      )}
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
