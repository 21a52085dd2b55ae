import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';

const TONES = {
  neutral: { ground: 'bg-sunken ring-1 ring-line ring-inset', icon: Info, ink: 'text-text-2' },
  info: { ground: 'bg-info-soft', icon: Info, ink: 'text-info-soft-text' },
  success: { ground: 'bg-success-soft', icon: CircleCheck, ink: 'text-success-soft-text' },
  warning: { ground: 'bg-warning-soft', icon: TriangleAlert, ink: 'text-warning-soft-text' },
  danger: { ground: 'bg-danger-soft', icon: CircleAlert, ink: 'text-danger-soft-text' },
} as const;

interface NoticeProps {
  tone?: keyof typeof TONES;
  /** The first sentence, in bold. */
  title?: ReactNode;
  action?: ReactNode;
  /** Announced at once: for an error that just appeared. */
  live?: boolean;
  className?: string;
  children?: ReactNode;
}

/** Stays in place until what it says is solved. */
export function Notice({ tone = 'neutral', title, action, live = false, className, children }: NoticeProps) {
  const { ground, icon, ink } = TONES[tone];
  return (
    <div role={live ? 'alert' : 'note'} className={cx('flex items-start gap-3 rounded-3 px-4 py-3', ground, className)}>
      <span className={cx('flex h-(--lh) items-center', ink)}>
        <Icon as={icon} size={18} />
      </span>
      {/* Where both do not fit side by side, what to do stands below what is said. */}
      <div className="flex min-w-0 flex-1 flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-[1_1_16rem]">
          {title ? <strong className="font-semibold">{title}</strong> : null} {children}
        </div>
        {action}
      </div>
    </div>
  );
}
