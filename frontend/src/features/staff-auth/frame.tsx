import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { ThemeMenu } from '@/features/account/theme-menu';
import { EnvironmentBadge } from '@/features/staff-kit/environment';
import { boot } from '@/lib/boot';
import { Mark } from '@/ui/logo';
import { SkipLink } from '@/ui/page';

/** A page of the console before the session: the strip without its places, one column, one purpose. */
export function StaffAuthFrame({ title, lead, children }: { title: ReactNode; lead?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink>
        <Trans>Skip to the form</Trans>
      </SkipLink>
      <header className="flex h-12 flex-none items-center gap-3 bg-strip px-3 text-night-text sm:px-5">
        <span className="flex items-center gap-2 font-semibold">
          <Mark size={18} />
          <Trans>Staff</Trans>
        </span>
        <EnvironmentBadge />
        <span className="ms-auto truncate mono text-[12px] text-strip-text max-sm:hidden">{window.location.host}</span>
      </header>
      <main id="main" tabIndex={-1} className="m-auto grid w-full max-w-[420px] gap-6 px-4 py-10 sm:px-6">
        <div className="grid gap-2">
          <h1 tabIndex={-1} className="t-h2 wrap-anywhere">
            {title}
          </h1>
          {lead ? <p className="t-sm text-text-2">{lead}</p> : null}
        </div>
        {children}
      </main>
      <footer className="flex justify-between gap-4 px-4 py-4 text-text-3 sm:px-5">
        <a href={boot().site_url} className="hover:text-text">
          <Trans>Public site</Trans>
        </a>
        <ThemeMenu />
      </footer>
    </div>
  );
}
