import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Spinner } from '@/ui/spinner';
import { redeemHandOver } from './api';
import { safeNext } from './next';

/** The end of a sign-up, on the organization's own host: spends the code that stands in the fragment. */
export function HandOverPage() {
  usePageTitle(t`Opening your studio`);
  const [code] = useState(() => window.location.hash.slice(1));
  const [failure, setFailure] = useState<string | null>(null);
  const sent = useRef(false);

  useEffect(() => {
    if (sent.current || !code) return;
    sent.current = true;
    // The code is worth nothing once spent, but it need not stay in the address or the history either.
    window.history.replaceState(null, '', window.location.pathname);
    redeemHandOver(code)
      .then(({ next }) => window.location.replace(safeNext(next, '/studio')))
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error.detail : t`The server did not answer.`));
  }, [code]);

  return (
    <main id="main" tabIndex={-1} className="mx-auto grid min-h-dvh max-w-[720px] content-center gap-8 px-4 py-16 sm:px-8">
      {failure !== null || !code ? (
        <ErrorState
          condition="missing"
          title={<Trans>This link can not be used any more</Trans>}
          actions={
            <a href="/login?next=%2Fstudio" className={buttonClass('primary', 'lg')}>
              <Trans>Sign in</Trans>
            </a>
          }
        >
          {failure ?? <Trans>Your organization is ready. Sign in with your e-mail and password.</Trans>}
        </ErrorState>
      ) : (
        <p role="status" className="flex items-center gap-3 t-h3">
          <Spinner />
          <Trans>Opening the studio of {boot().brand.name}</Trans>
        </p>
      )}
    </main>
  );
}
