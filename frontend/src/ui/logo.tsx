import { cx } from './cx';

/** Our mark: three lanes, the middle one resumed after a gap. */
export function Mark({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="currentColor" aria-hidden="true" className={cx('flex-none', className)}>
      <rect x="2" y="3" width="20" height="4.6" rx="1.2" />
      <rect x="2" y="9.7" width="9" height="4.6" rx="1.2" />
      <rect x="12.4" y="9.7" width="3.4" height="4.6" rx="1.2" opacity=".45" />
      <rect x="2" y="16.4" width="20" height="4.6" rx="1.2" />
    </svg>
  );
}

/** Mark and name, as on our own surfaces. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <span className="inline-flex items-center gap-2.5 font-heading text-[17px] leading-6 font-[620] tracking-[-0.015em] whitespace-nowrap">
      <Mark size={size} />
      <span className="max-[379px]:sr-only">Emerging Tech</span>
    </span>
  );
}
