import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: ReactNode; count?: number }[];
  className?: string;
}

/** Two to four short options in a sunken well; the chosen one is the raised thumb. */
export function Segmented<Value extends string>({ label, value, onChange, options, className }: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onChange(next as Value)}
      className={cx('inline-flex gap-0.5 rounded-[10px] bg-sunken p-[3px] ring-1 ring-line ring-inset', className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="inline-flex h-[calc(var(--ctl)-10px)] items-center gap-1.5 rounded-[6px] px-3 text-[0.93em] font-medium whitespace-nowrap text-text-2 transition-colors duration-[90ms] hover:text-text data-[state=on]:bg-raised data-[state=on]:text-text data-[state=on]:shadow-e1 data-[state=on]:ring-1 data-[state=on]:ring-line"
        >
          {option.label}
          {option.count === undefined ? null : <span className="text-text-3">{option.count}</span>}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
