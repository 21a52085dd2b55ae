import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { jobsQuery } from './api';
import { JobsTable } from './jobs-table';

/** The jobs of one organization. */
export function OrganizationJobs({ organization }: { organization: string }) {
  const jobs = useQuery(jobsQuery({ organization }));
  if (jobs.isPending) return <RowsSkeleton rows={5} />;
  if (jobs.isError) return <Failure compact error={jobs.error} onRetry={() => void jobs.refetch()} />;
  const rows = jobs.data.items;
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
    </div>
  );
}
