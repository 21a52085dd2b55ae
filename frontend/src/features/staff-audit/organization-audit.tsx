import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { LoadMore } from '@/features/staff-kit/load-more';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { auditQuery } from './api';
import { AuditTable } from './audit-table';

/** What staff and the platform did to one organization. */
export function OrganizationAudit({ organization }: { organization: string }) {
  const entries = useInfiniteQuery(auditQuery({ organization }));
  if (entries.isPending) return <RowsSkeleton rows={5} />;
  if (entries.isError) return <Failure compact error={entries.error} onRetry={() => void entries.refetch()} />;
  const rows = entries.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <p className="py-4 text-text-3">
        <Trans>Nobody of the staff did anything here.</Trans>
      </p>
    );
  }
  return (
    <div className="pt-3">
      <AuditTable entries={rows} withOrganization={false} />
      <LoadMore list={entries} />
    </div>
  );
}
