import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { ThemeMenu } from '@/features/account/theme-menu';
import { boot } from '@/lib/boot';
import { BrandMark, Mark } from '@/ui/logo';
import { SkipLink } from '@/ui/page';

/** A page before the session: the organization's mark, one column, one purpose. */
export function AuthFrame({ title, lead, children, foot }: { title: ReactNode; lead?: ReactNode; children: ReactNode; foot?: ReactNode }) {
  const { brand, site_url: site } = boot();
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink>
        <Trans>Skip to the form</Trans>
      </SkipLink>
      <main id="main" tabIndex={-1} className="m-auto grid w-full max-w-[416px] gap-6 px-4 py-12 sm:px-6">
        <BrandMark name={brand.name} logoUrl={brand.logo_url} size={44} />
        <div className="grid gap-2">
          <h1 tabIndex={-1} className="t-h2 text-[30px] leading-9 wrap-anywhere">
            {title}
          </h1>
          {lead ? <p className="text-text-2">{lead}</p> : null}
        </div>
        {children}
        {foot ? <div className="border-t border-line pt-5 t-sm text-text-2">{foot}</div> : null}
      </main>
      <footer className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-5 t-sm text-text-3 sm:px-8">
        <a href={site} className="flex items-center gap-2 rounded-2 hover:text-text">
          <Mark size={16} />
          <Trans>Runs on Emerging Tech LMS</Trans>
        </a>
        <ThemeMenu />
      </footer>
    </div>
  );
}
