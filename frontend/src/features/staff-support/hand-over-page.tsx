import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usePageTitle } from '@/app/page-title';
import { StaffPage } from '@/features/staff-kit/page';
import { sentence } from '@/features/staff-kit/problem';
import { buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Spinner } from '@/ui/spinner';
import { codeFor } from './api';

/** Between the console and an organization's host: gives this browser the code that opens the access there. */
export function SupportHandOverPage() {
  usePageTitle(t`Support access`);
  const { grant = '', n = '' } = useSearch({ strict: false }) as { grant?: string; n?: string };
  const code = useQuery({ queryKey: ['support-code', grant, n], queryFn: () => codeFor(grant, n), retry: false, staleTime: Infinity, gcTime: 0 });
  const location = code.data?.location;
  useEffect(() => {
    if (location) window.location.replace(location);
  }, [location]);
  return (
    <StaffPage title={<Trans>Support access</Trans>}>
      {code.error ? (
        <ErrorState
          compact
          condition="forbidden"
          headingLevel={2}
          title={<Trans>This access cannot be opened</Trans>}
          actions={
            <Link to="/support" className={buttonClass('primary')}>
              <Trans>To support access</Trans>
            </Link>
          }
        >
          {sentence(code.error)}
        </ErrorState>
      ) : (
        <p role="status" className="flex items-center gap-2 text-text-2">
          <Spinner />
          <Trans>Opening the organization</Trans>
        </p>
      )}
    </StaffPage>
  );
}
