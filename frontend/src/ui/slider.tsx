import { Slider as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';

interface SliderProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  /** After the hand lets go, for what is costly to apply. */
  onCommit?: (value: number) => void;
  min?: number;
  max?: number;
  step?: number;
  /** The value in words, shown right of the label and spoken. */
  format?: (value: number) => string;
  hideLabel?: boolean;
  aside?: ReactNode;
  className?: string;
}

/** A quantity set by eye. 4 px rail, 18 px thumb. */
export function Slider({
  label,
  value,
  onChange,
  onCommit,
  min = 0,
  max = 100,
  step = 1,
  format,
  hideLabel = false,
  className,
}: SliderProps) {
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      {hideLabel ? null : (
        <div className="flex justify-between t-sm">
          <span className="font-[540]">{label}</span>
          <span className="text-text-2">{format ? format(value) : value}</span>
        </div>
      )}
      <Radix.Root
        value={[value]}
        min={min}
        max={max}
        step={step}
        onValueChange={([next]) => next !== undefined && onChange(next)}
        onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
        className="relative flex h-6 touch-none items-center select-none"
      >
        <Radix.Track className="relative h-1 grow rounded-full bg-track">
          <Radix.Range className="absolute h-full rounded-full bg-control-solid ring-1 ring-control-edge ring-inset" />
        </Radix.Track>
        <Radix.Thumb
          aria-label={label}
          aria-valuetext={format ? format(value) : undefined}
          className="block size-[18px] rounded-full border border-control bg-white shadow-e1"
        />
      </Radix.Root>
    </div>
  );
}
