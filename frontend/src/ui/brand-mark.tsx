import { useScheme } from '@/theme/color-scheme';
import type { BrandLogo } from '@/lib/boot';
import { initials } from './avatar';
import { cx } from './cx';

/** From here on a logo is a word mark: the name beside it would say it twice. */
const WIDE = 1.8;
/** Px. A longer logo becomes lower instead. */
const MAX_WIDTH = 168;

interface BrandMarkProps {
  name: string;
  logo: BrandLogo | null;
  size?: number;
  /** Classes of the name beside the mark; without them there is only the mark. */
  nameClass?: string;
  className?: string;
}

/**
 * An organization's mark: its logo, or its first letter on its own colour, with the name beside it unless the logo says
 * it. Its size is known before the picture is there, so nothing moves. Stands in the brand's scope even inside the
 * studio's ink chrome.
 */
export function BrandMark({ name, logo, size = 28, nameClass, className }: BrandMarkProps) {
  const scheme = useScheme();
  const files = logo?.[scheme];
  const wide = files !== undefined && files.ratio > WIDE;
  const named = nameClass !== undefined && !wide;
  return (
    <span className={cx('inline-flex min-w-0 items-center gap-2.5', className)}>
      {files ? (
        <img
          src={size > 32 ? files.h64 : files.h32}
          srcSet={size > 32 ? `${files.h64} 1x, ${files.h128} 2x` : `${files.h32} 1x, ${files.h64} 2x`}
          alt={named ? '' : name}
          {...box(files.ratio, size)}
          className="max-w-full min-w-0 object-contain"
        />
      ) : (
        <span
          aria-hidden="true"
          data-brand="tenant"
          data-theme={scheme}
          style={{ width: size, height: size, fontSize: size * 0.5, borderRadius: size * 0.22 }}
          className="inline-grid flex-none place-items-center border border-brand-edge bg-brand-solid font-heading leading-none font-[640] text-brand-on"
        >
          {initials(name).slice(0, 1)}
        </span>
      )}
      {named ? <bdi className={nameClass}>{name}</bdi> : null}
    </span>
  );
}

function box(ratio: number, size: number): { width: number; height: number } {
  const width = Math.min(MAX_WIDTH, size * ratio);
  return { width: Math.round(width), height: Math.round(width / ratio) };
}
