import type { ReactNode } from 'react';
import { cx } from './cx';

export type StatusTone = 'fine' | 'running' | 'look' | 'failed' | 'off';

const SHAPES: Record<StatusTone, string> = {
  fine: 'rounded-full bg-success-mark',
  running: 'rounded-full ring-2 ring-inset ring-signal-solid',
  look: 'scale-90 rotate-45 rounded-[2px] bg-warning-mark',
  failed: 'rounded-[1px] bg-danger-mark',
  off: 'rounded-full ring-[1.5px] ring-inset ring-control',
};

/** A state as a shape and a word; the colour only repeats them. */
export function Status({ tone, children, className }: { tone: StatusTone; children: ReactNode; className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-[7px] whitespace-nowrap', className)}>
      <span aria-hidden="true" className={cx('size-2 flex-none', SHAPES[tone])} />
      {children}
    </span>
  );
}
