import type { ReactNode } from 'react';
import { cx } from './cx';

interface ProgressProps {
  /** 0 to 1. */
  value: number;
  label: string;
  /** In words, for screen readers ("412 of 750"). */
  valueText?: string;
  /** Shown above the bar. */
  caption?: ReactNode;
  height?: 4 | 6 | 8;
  className?: string;
}

/** A plain bar, for one quantity against one limit. Learning progress is a Track instead. */
export function Progress({ value, label, valueText, caption, height = 4, className }: ProgressProps) {
  const share = Math.min(1, Math.max(0, value));
  return (
    <div className={className}>
      {caption}
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={valueText}
        style={{ height }}
        className={cx('w-full overflow-hidden rounded-full bg-track')}
      >
        <div
          style={{ width: `${share * 100}%` }}
          className="h-full rounded-full bg-progress ring-1 ring-(--progress-edge) ring-inset transition-[width] duration-[240ms] ease-move"
        />
      </div>
    </div>
  );
}
