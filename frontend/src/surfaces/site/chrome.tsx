import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ThemeMenu } from '@/features/account/theme-menu';
import { buttonClass } from '@/ui/button';
import { Logo, Mark } from '@/ui/logo';
import { SkipLink } from '@/ui/page';
import { SignInButton } from './sign-in-button';

/** Header and footer of the public site. */
export function SiteChrome({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <header className="mx-auto flex h-[60px] w-full max-w-[1344px] items-center gap-2 px-4 sm:h-[76px] sm:gap-6 sm:px-12">
        <Link to="/" aria-label={t`Emerging Tech, front page`} className="flex rounded-2">
          <Logo />
        </Link>
        <nav aria-label={t`Main`} className="ms-4 hidden gap-1 text-[15px] md:flex [&_a]:rounded-2 [&_a]:px-3 [&_a]:py-2 [&_a]:font-medium [&_a]:text-text-2 [&_a:hover]:text-text">
          <a href="/#video">
            <Trans>Video</Trans>
          </a>
          <a href="/#isolation">
            <Trans>Isolation</Trans>
          </a>
          <a href="/#brand">
            <Trans>Brand</Trans>
          </a>
          <Link to="/pricing" className="aria-[current=page]:text-text!">
            <Trans>Pricing</Trans>
          </Link>
        </nav>
        <div className="ms-auto flex items-center gap-2">
          <SignInButton />
          <Link to="/sign-up/organization" className={buttonClass('primary', 'md', 'h-10! text-[15px] pointer-coarse:h-11!')}>
            <Trans>Start free</Trans>
          </Link>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex-1">
        {children}
      </main>
      <footer className="mx-auto flex w-full max-w-[1248px] flex-wrap items-center justify-between gap-x-6 gap-y-3 border-t border-line px-4 pt-6 pb-10 t-sm text-text-2 max-xl:max-w-[calc(100%-32px)] max-xl:px-0 sm:max-xl:max-w-[calc(100%-96px)] xl:px-0">
        <span className="flex items-center gap-2">
          <Mark size={18} />
          Emerging Tech LMS
        </span>
        <span className="flex flex-wrap items-center gap-x-6 gap-y-2">
          <Link to="/pricing" className="hover:text-text">
            <Trans>Pricing</Trans>
          </Link>
          <Link to="/terms" className="hover:text-text">
            <Trans>Terms</Trans>
          </Link>
          <a href="/status" className="hover:text-text">
            <Trans>Status</Trans>
          </a>
          <ThemeMenu />
        </span>
      </footer>
    </div>
  );
}
