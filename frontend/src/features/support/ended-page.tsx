import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { ErrorState } from '@/ui/error-state';

/** What a browser sees whose support access is over, whoever ended it. */
export function SupportEndedPage() {
  usePageTitle(t`Support access has ended`);
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid min-h-dvh max-w-[720px] content-center gap-8 px-4 py-16 sm:px-8">
      <ErrorState condition="missing" title={<Trans>Support access has ended</Trans>}>
        <Trans>What was opened stands in the audit of {boot().brand.name}. To look in again, ask from the console.</Trans>
      </ErrorState>
    </main>
  );
}
