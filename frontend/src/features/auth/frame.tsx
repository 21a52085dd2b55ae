import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { ThemeMenu } from '@/features/account/theme-menu';
import { boot } from '@/lib/boot';
import { BrandMark } from '@/ui/brand-mark';
import { cx } from '@/ui/cx';
import { SkipLink } from '@/ui/page';

/**
 * A page before the session: the organization's mark, one column, one purpose. Where the organization has a picture for
 * it, that fills the other half of a wide screen, with its words of welcome below.
 */
export function AuthFrame({ title, lead, children, foot }: { title: ReactNode; lead?: ReactNode; children: ReactNode; foot?: ReactNode }) {
  const { brand } = boot();
  const photo = brand.login_image;
  return (
    <div className={cx('min-h-dvh', photo && 'lg:grid lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]')}>
      <SkipLink>
        <Trans>Skip to the form</Trans>
      </SkipLink>
      <div className="flex min-h-dvh flex-col">
        <main id="main" tabIndex={-1} className="m-auto grid w-full max-w-[416px] gap-6 px-4 py-12 sm:px-6">
          <BrandMark name={brand.name} logo={brand.logo} size={44} />
          <div className="grid gap-2">
            <h1 tabIndex={-1} className="t-h2 text-[30px] leading-9 wrap-anywhere">
              {title}
            </h1>
            {lead ? <p className="text-text-2">{lead}</p> : null}
            {photo ? <Welcome className="lg:hidden" /> : <Welcome />}
          </div>
          {children}
          {foot ? <div className="border-t border-line pt-5 t-sm text-text-2">{foot}</div> : null}
        </main>
        <footer className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-5 t-sm text-text-3 sm:px-8">
          <span>{brand.footer}</span>
          <ThemeMenu />
        </footer>
      </div>
      {photo ? (
        <aside className="sticky top-0 hidden h-dvh flex-col border-s border-line bg-sunken lg:flex" aria-label={brand.name}>
          <img src={photo.w1600} srcSet={`${photo.w800} 800w, ${photo.w1600} 1600w`} sizes="50vw" alt="" className="min-h-0 w-full flex-1 object-cover" />
          {brand.welcome_title || brand.welcome_text ? (
            <div className="grid gap-2 px-10 py-8">
              {brand.welcome_title ? <p className="t-h2">{brand.welcome_title}</p> : null}
              {brand.welcome_text ? <p className="max-w-[52ch] text-text-2">{brand.welcome_text}</p> : null}
            </div>
          ) : null}
        </aside>
      ) : null}
    </div>
  );
}

function Welcome({ className }: { className?: string }) {
  const { brand } = boot();
  if (!brand.welcome_title && !brand.welcome_text) return null;
  return (
    <p className={cx('text-text-2', className)}>
      {brand.welcome_title ? <strong className="block font-semibold text-text">{brand.welcome_title}</strong> : null}
      {brand.welcome_text}
    </p>
  );
}
