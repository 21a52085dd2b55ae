import { cx } from './cx';

/** A key cap. Hidden where there is no keyboard to speak of. */
export function Kbd({ children, tone = 'page' }: { children: string; tone?: 'page' | 'night' }) {
  return (
    <kbd
      className={cx(
        'inline-flex h-5 min-w-5 items-center justify-center rounded-1 border border-b-2 px-[5px] font-sans text-[11px] leading-none font-medium pointer-coarse:hidden',
        tone === 'page' ? 'border-line-2 bg-surface text-text-2' : 'border-white/25 bg-white/10 text-night-text',
      )}
    >
      {children}
    </kbd>
  );
}
