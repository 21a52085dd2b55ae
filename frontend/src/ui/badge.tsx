import type { ReactNode } from 'react';
import { cx } from './cx';

export type BadgeTone = 'neutral' | 'brand' | 'success' | 'warning' | 'danger' | 'info';

const TONES: Record<BadgeTone, string> = {
  neutral: 'bg-sunken text-text-2 ring-1 ring-line ring-inset',
  brand: 'bg-brand-soft text-brand-soft-text',
  success: 'bg-success-soft text-success-soft-text',
  warning: 'bg-warning-soft text-warning-soft-text',
  danger: 'bg-danger-soft text-danger-soft-text',
  info: 'bg-info-soft text-info-soft-text',
};

/** A class something belongs to ("Required"), never a count. */
export function Badge({ tone = 'neutral', icon, children }: { tone?: BadgeTone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={cx('inline-flex h-[22px] items-center gap-1.5 rounded-[6px] px-2 t-xxs font-[540] whitespace-nowrap', TONES[tone])}>
      {icon}
      {children}
    </span>
  );
}
