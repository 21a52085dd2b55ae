import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { LoadMore } from '@/features/staff-kit/load-more';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { jobsQuery } from './api';
import { JobsTable } from './jobs-table';

/** The jobs of one organization. */
export function OrganizationJobs({ organization }: { organization: string }) {
  const jobs = useInfiniteQuery(jobsQuery({ organization }));
  if (jobs.isPending) return <RowsSkeleton rows={5} />;
  if (jobs.isError) return <Failure compact error={jobs.error} onRetry={() => void jobs.refetch()} />;
  const rows = jobs.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <p className="py-4 text-text-3">
        <Trans>No jobs yet.</Trans>
      </p>
    );
  }
  return (
    <div className="pt-3">
      <JobsTable jobs={rows} withOrganization={false} />
      <LoadMore list={jobs} />
    </div>
  );
}
