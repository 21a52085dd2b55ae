import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { Chip } from '@/features/staff-kit/chip';
import { useRowKeys } from '@/features/staff-kit/keys';
import { organizationNameQuery, OrganizationPicker } from '@/features/staff-kit/organization-picker';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { jobStateWord } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Select } from '@/ui/select';
import { JOB_STATES, type JobsFilter, jobsQuery } from './api';
import { JobsTable } from './jobs-table';

/** Long work of all organizations: what runs, what waits, what failed and can go on. */
export function JobsPage() {
  usePageTitle(t`Jobs`);
  const filter = useSearch({ strict: false }) as JobsFilter;
  const navigate = useNavigate();
  const change = (next: JobsFilter) => void navigate({ to: '/jobs', search: { ...filter, ...next }, replace: true });
  const all = useQuery(jobsQuery(filter));
  const chosen = useQuery({ ...organizationNameQuery(filter.organization ?? ''), enabled: filter.organization !== undefined });
  return (
    <StaffPage
      title={<Trans>Jobs</Trans>}
      filters={
        <>
          <Chip on={!filter.state} onPress={() => change({ state: undefined })}>
            <Trans>All</Trans>
          </Chip>
          {JOB_STATES.map((state) => (
            <Chip key={state} on={filter.state === state} onPress={() => change({ state: filter.state === state ? undefined : state })}>
              {jobStateWord(state)}
            </Chip>
          ))}
          <Select
            aria-label={t`Kind`}
            className="w-[150px]!"
            value={filter.kind ?? ''}
            onChange={(kind) => change({ kind: kind || undefined })}
            options={[{ value: '', label: t`Any kind` }, ...(all.data?.kinds ?? []).map(({ kind, label }) => ({ value: kind, label }))]}
          />
          <OrganizationPicker
            label={t`Any organization`}
            className="w-[200px]"
            value={filter.organization ? { id: filter.organization, name: chosen.data?.name ?? filter.organization.slice(0, 8) } : null}
            onChange={(picked) => change({ organization: picked?.id })}
          />
        </>
      }
    >
      <Found filter={filter} onClear={() => change({ kind: undefined, state: undefined, organization: undefined })} />
    </StaffPage>
  );
}

function Found({ filter, onClear }: { filter: JobsFilter; onClear: () => void }) {
  const region = useRef<HTMLDivElement>(null);
  useRowKeys(region);
  const mayRetry = useCan('operations.act');
  const jobs = useQuery(jobsQuery(filter));
  if (jobs.isPending) return <RowsSkeleton />;
  if (jobs.isError) return <Failure compact error={jobs.error} onRetry={() => void jobs.refetch()} />;
  const rows = jobs.data.items;
  if (rows.length === 0) {
    const filtered = Boolean(filter.kind ?? filter.state ?? filter.organization);
    return (
      <Empty
        title={filtered ? <Trans>No such job</Trans> : <Trans>No jobs yet</Trans>}
        action={
          filtered ? (
            <Button onClick={onClear}>
              <Trans>Show all jobs</Trans>
            </Button>
          ) : null
        }
      >
        {filtered ? <Trans>Nothing has this kind and state.</Trans> : <Trans>Films, exports, restores and new organizations stand here while they are made.</Trans>}
      </Empty>
    );
  }
  return (
    <div ref={region}>
      <JobsTable jobs={rows} />
      {rows.some((job) => job.can_retry) && !mayRetry ? (
        <p className="mt-3 text-text-3">
          <Trans>Retrying is for the operations role.</Trans>
        </p>
      ) : null}
    </div>
  );
}
