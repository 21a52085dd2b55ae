import { infiniteQueryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { JobLine } from '@/api/staff';
import type { Page } from '@/api/types';
import { act } from '@/features/staff-kit/act';

export interface JobsFilter {
  kind?: string | undefined;
  state?: string | undefined;
  organization?: string | undefined;
}

export const jobsKeys = { all: ['jobs'] as const };

export const KINDS = ['provisioning', 'transcode', 'export', 'restore', 'deletion', 'outbox'] as const;
export const JOB_STATES = ['waiting', 'running', 'failed', 'done'] as const;

const moving = (line: JobLine) => line.state === 'running' || line.state === 'waiting';

export const jobsQuery = ({ kind, state, organization }: JobsFilter) =>
  infiniteQueryOptions({
    queryKey: [...jobsKeys.all, { kind, state, organization }],
    initialPageParam: 'jobs/',
    queryFn: ({ pageParam, signal }) =>
      call<Page<JobLine>>('GET', pageParam, { signal, ...(pageParam === 'jobs/' ? { query: { kind, state, organization } } : {}) }),
    getNextPageParam: (last) => last.next,
    // Something runs: look again soon. Nothing does: now and then.
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some(moving)) ? 4000 : 30_000),
  });

export const retryJob = (kind: string, id: string, reason: string) => act('POST', `jobs/${kind}/${id}/retry/`, { body: { reason } });
