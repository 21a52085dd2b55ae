import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Logo } from '@/ui/logo';
import { Spinner } from '@/ui/spinner';
import { prepareHandOver } from './api';
import { forgetSignUp, type OpenSignUp, readOpen } from './draft';

/**
 * Between the site and the organization's host: that host has given this browser a nonce and sent its hash here; the
 * token of this tab's sign-up turns it into a code that only that host and that nonce can spend, once, within a minute.
 */
export function HandOverPage() {
  usePageTitle(t`Opening your studio`);
  const { n } = useSearch({ strict: false }) as { n?: string };
  const [open] = useState(readOpen);
  const [failure, setFailure] = useState<string | null>(null);
  const sent = useRef(false);

  useEffect(() => {
    // Effects run twice in development; a code must be asked for once.
    if (sent.current || !open || !n || !/^[0-9a-f]{64}$/.test(n)) return;
    sent.current = true;
    prepareHandOver(open.token, n)
      .then(({ location }) => {
        forgetSignUp();
        window.location.replace(location);
      })
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error.detail : t`The server did not answer.`));
  }, [n, open]);

  const stuck = failure !== null || !open || !n;
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid min-h-dvh max-w-[720px] content-center gap-8 px-4 py-16 sm:px-8">
      <Logo />
      {stuck ? (
        <ErrorState
          condition="missing"
          title={<Trans>This browser cannot open the studio by itself</Trans>}
          actions={open ? <SignIn open={open} /> : <SiteLink />}
        >
          {failure ?? <Trans>The link works only in the browser window that signed up. Your organization is safe: sign in at its own address.</Trans>}
        </ErrorState>
      ) : (
        <p role="status" className="flex items-center gap-3 t-h3">
          <Spinner />
          <Trans>Opening your studio</Trans>
        </p>
      )}
    </main>
  );
}

function SignIn({ open }: { open: OpenSignUp }) {
  const site = new URL(boot().site_url || window.location.origin);
  const port = site.port ? `:${site.port}` : '';
  return (
    <a href={`${site.protocol}//${open.slug}.${boot().tenant_suffix}${port}/login?next=%2Fstudio`} className={buttonClass('primary', 'lg')}>
      <Trans>Sign in to {open.organizationName}</Trans>
    </a>
  );
}

function SiteLink() {
  return (
    <a href="/" className={buttonClass('primary', 'lg')}>
      <Trans>To the front page</Trans>
    </a>
  );
}
