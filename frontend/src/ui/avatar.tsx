import { cx } from './cx';

/** Deep enough that white reads on all of them in both modes. */
const GROUNDS = ['#1f4e79', '#3d5a24', '#6b2f5c', '#7a3b1e', '#27545a', '#4b3a86', '#7c2d43', '#4a4a20'] as const;

const SIZES = { 20: 'size-5 text-[9px]', 24: 'size-6 text-[10px]', 32: 'size-8 text-[12px]', 40: 'size-10 text-[14px]', 56: 'size-14 text-[18px]' };

/** First letters of the first and last word, whatever script they are written in. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = [...(words[0] ?? '')][0] ?? '';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value;
}

/** Initials on a ground that belongs to the name. Decorative: the name stands beside it or is the control's label. */
export function Avatar({ name, size = 32, className }: { name: string; size?: keyof typeof SIZES; className?: string }) {
  const ground = GROUNDS[hash(name) % GROUNDS.length];
  return (
    <span
      aria-hidden="true"
      style={{ background: ground }}
      className={cx('inline-grid flex-none place-items-center rounded-full font-sans leading-none font-semibold tracking-[0.01em] text-white', SIZES[size], className)}
    >
      {initials(name)}
    </span>
  );
}
