import type { ReactNode } from 'react';
import { cx } from './cx';

/** First in every shell: takes the keyboard past the navigation. */
export function SkipLink({ children }: { children: ReactNode }) {
  return (
    <a
      href="#main"
      className="sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-50 focus:rounded-2 focus:bg-night focus:px-4 focus:py-2.5 focus:font-medium focus:text-night-text"
    >
      {children}
    </a>
  );
}

/** The column of a page of learn or of an error: 1176 px of content with the surface's gutters. */
export function PageColumn({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx('mx-auto w-full max-w-[1240px] px-4 pt-6 pb-24 sm:px-8 sm:pt-10 md:pb-[72px]', className)}>{children}</div>;
}

/** Title left, actions right: the bar above a studio page. The heading takes the focus after a change of route. */
export function PageBar({ title, actions, lead }: { title: ReactNode; actions?: ReactNode; lead?: ReactNode }) {
  return (
    <header className="sticky top-0 z-20 flex min-h-14 items-center gap-4 border-b border-line bg-canvas px-4 md:min-h-[60px] md:px-8">
      {lead}
      <h1 tabIndex={-1} className="min-w-0 truncate font-sans text-[18px] leading-6 font-[620] tracking-[-0.014em]">
        {title}
      </h1>
      {actions ? <div className="ms-auto flex flex-none items-center gap-2">{actions}</div> : null}
    </header>
  );
}

/** Content under a PageBar. */
export function PageBody({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx('px-4 pt-5 pb-24 md:px-8 md:pt-7 md:pb-12', className)}>{children}</div>;
}
