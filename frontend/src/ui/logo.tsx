import { useScheme } from '@/theme/color-scheme';
import { cx } from './cx';
import { initials } from './avatar';

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

/**
 * An organization's mark: its logo, or its first letter on its own colour. Stands in the brand's scope even inside the
 * studio's ink chrome.
 */
export function BrandMark({ name, logoUrl, size = 28 }: { name: string; logoUrl?: string | null; size?: number }) {
  const scheme = useScheme();
  if (logoUrl) return <img src={logoUrl} alt="" style={{ height: size }} className="w-auto max-w-[160px] flex-none object-contain" />;
  return (
    <span
      aria-hidden="true"
      data-brand="tenant"
      data-theme={scheme}
      style={{ width: size, height: size, fontSize: size * 0.5, borderRadius: size * 0.22 }}
      className="inline-grid flex-none place-items-center border border-brand-edge bg-brand-solid font-heading leading-none font-[640] text-brand-on"
    >
      {initials(name).slice(0, 1)}
    </span>
  );
}
