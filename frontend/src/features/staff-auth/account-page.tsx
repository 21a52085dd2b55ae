import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { factorsQuery } from './api';
import { Devices } from './devices';
import { FactorsPanel } from './factors-panel';
import { useStaff } from './session';

/** One's own protection: factors, recovery codes, where one is signed in. */
export function AccountPage() {
  usePageTitle(t`Your account`);
  const staff = useStaff();
  const factors = useQuery(factorsQuery);
  return (
    <StaffPage title={<Trans>Your account</Trans>} aside={staff ? `${staff.name}, ${staff.email}` : null} className="max-w-[760px]">
      <div className="grid gap-9">
        {factors.isPending ? (
          <RowsSkeleton rows={3} />
        ) : factors.isError ? (
          <Failure compact error={factors.error} onRetry={() => void factors.refetch()} />
        ) : (
          <FactorsPanel factors={factors.data} />
        )}
        <Devices />
      </div>
    </StaffPage>
  );
}
