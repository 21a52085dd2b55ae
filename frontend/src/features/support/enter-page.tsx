import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { safeNext } from '@/features/auth/next';
import { boot } from '@/lib/boot';
import { ErrorState } from '@/ui/error-state';
import { Spinner } from '@/ui/spinner';
import { enter } from './api';

/** The staff person's way in, on the organization's own host: spends the code that stands in the fragment. */
export function SupportEnterPage() {
  usePageTitle(t`Opening support access`);
  const [code] = useState(() => window.location.hash.slice(1));
  const [failure, setFailure] = useState<string | null>(null);
  const sent = useRef(false);

  useEffect(() => {
    if (sent.current || !code) return;
    sent.current = true;
    // The code is worth nothing once spent, but it need not stay in the address or the history either.
    window.history.replaceState(null, '', window.location.pathname);
    enter(code)
      .then(({ next }) => window.location.replace(safeNext(next, '/studio')))
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error.detail : t`The server did not answer.`));
  }, [code]);

  return (
    <main id="main" tabIndex={-1} className="mx-auto grid min-h-dvh max-w-[720px] content-center gap-8 px-4 py-16 sm:px-8">
      {failure !== null || !code ? (
        <ErrorState condition="missing" title={<Trans>This way in can not be used any more</Trans>}>
          {failure ?? <Trans>Open the access again from the console.</Trans>}
        </ErrorState>
      ) : (
        <p role="status" className="flex items-center gap-3 t-h3">
          <Spinner />
          <Trans>Opening {boot().brand.name}</Trans>
        </p>
      )}
    </main>
  );
}
