import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { JobLine, JobList } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

export interface JobsFilter {
  kind?: string | undefined;
  state?: string | undefined;
  organization?: string | undefined;
}

export const jobsKeys = { all: ['jobs'] as const };

export const JOB_STATES = ['waiting', 'running', 'failed', 'done'] as const;

const moving = (line: JobLine) => line.state === 'running' || line.state === 'waiting';

/** The newest two hundred. */
export const jobsQuery = ({ kind, state, organization }: JobsFilter) =>
  queryOptions({
    queryKey: [...jobsKeys.all, { kind, state, organization }],
    queryFn: ({ signal }) => call<JobList>('GET', 'jobs/', { signal, query: { kind, state, organization } }),
    // Something runs: look again soon. Nothing does: now and then.
    refetchInterval: (query) => (query.state.data?.items.some(moving) ? 4000 : 30_000),
  });

export const retryJob = ({ kind, id }: JobLine, why: { reason: string; ticket: string }) => act<JobLine>('POST', `jobs/${kind}/${id}/retry/`, { body: why });
export const cancelJob = ({ kind, id }: JobLine, why: { reason: string; ticket: string }) => act<JobLine>('POST', `jobs/${kind}/${id}/cancel/`, { body: why });
