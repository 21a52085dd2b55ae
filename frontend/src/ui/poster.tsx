import { memo, type ReactNode } from 'react';
import { cx } from './cx';
import { MOTIFS, PALETTES, type Dice } from './poster-motifs';

/** FNV-1a: short, spreads ids well, and the same in every browser. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
}

function dice(seed: number): Dice {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** The picture itself, drawn from the seed alone. */
const Drawing = memo(function Drawing({ seed }: { seed: string }) {
  const value = hash(seed);
  const palette = PALETTES[value % PALETTES.length]!;
  const motif = MOTIFS[Math.floor(value / PALETTES.length) % MOTIFS.length]!;
  return (
    <svg viewBox="0 0 640 360" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false" className="size-full">
      <rect width="640" height="360" fill={palette.ground} />
      {motif(palette, dice(value))}
    </svg>
  );
});

interface PosterProps {
  /** An id: the same thing has the same picture for everyone, always. */
  seed: string;
  /** A real picture, where there is one. */
  url?: string | null;
  /** Bottom right, on near-black: a length. */
  badge?: ReactNode;
  /** Load at once: the largest picture of the first screen. */
  eager?: boolean;
  className?: string;
  children?: ReactNode;
}

/** 16:9 and never empty: the organization's own picture, or a drawn one that belongs to the id. Decorative. */
export function Poster({ seed, url, badge, eager = false, className, children }: PosterProps) {
  return (
    <span
      className={cx(
        'relative block aspect-video overflow-hidden bg-sunken after:pointer-events-none after:absolute after:inset-0 after:rounded-[inherit] after:shadow-[inset_0_0_0_1px_color-mix(in_srgb,var(--text)_9%,transparent)]',
        className ?? 'rounded-3',
      )}
    >
      {url ? (
        <img src={url} alt="" loading={eager ? 'eager' : 'lazy'} decoding="async" {...(eager ? { fetchPriority: 'high' as const } : {})} className="size-full object-cover" />
      ) : (
        <Drawing seed={seed} />
      )}
      {badge ? (
        <span className="absolute end-2 bottom-2 h-[22px] rounded-[5px] bg-[rgb(12_14_18/0.82)] px-[7px] text-[12px] leading-[22px] font-medium text-white tabular-nums">
          {badge}
        </span>
      ) : null}
      {children}
    </span>
  );
}
