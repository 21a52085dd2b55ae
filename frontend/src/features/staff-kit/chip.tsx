import type { ReactNode } from 'react';
import { cx } from '@/ui/cx';

interface ChipProps {
  on: boolean;
  onPress: () => void;
  count?: number | undefined;
  children: ReactNode;
}

/** A filter that is on or off. */
export function Chip({ on, onPress, count, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onPress}
      className={cx(
        'inline-flex h-[26px] flex-none items-center gap-1.5 rounded-[6px] px-2.5 font-medium whitespace-nowrap transition-colors duration-[90ms] pointer-coarse:h-11',
        on ? 'bg-text text-canvas' : 'text-text-2 ring-1 ring-line-2 ring-inset hover:bg-hover hover:text-text',
      )}
    >
      {children}
      {count === undefined ? null : <span className={on ? 'font-normal' : 'font-normal text-text-3'}>{count.toLocaleString('en-GB')}</span>}
    </button>
  );
}
