import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { DriftReport, Release, ReleaseOrganization } from '@/api/staff';
import type { Page } from '@/api/types';
import { act } from '@/features/staff-kit/act';
import type { Reason } from '@/features/staff-kit/reason-fields';
import { isMoving, isOfLength } from './model';

export const releaseKeys = { all: ['fleet-releases'] as const, drift: ['fleet-drift'] as const };

const SOON_MS = 2_000;
const NOW_AND_THEN_MS = 5_000;

export const releasesQuery = queryOptions({
  queryKey: [...releaseKeys.all, 'list'],
  queryFn: ({ signal }) => call<{ items: Release[] }>('GET', 'fleet-releases/', { signal }),
  // Something is on its way: look again soon.
  refetchInterval: (query) => (query.state.data?.items.some(isMoving) ? SOON_MS : NOW_AND_THEN_MS),
});

/**
 * Organizations of a release in one state, a page at a time. Read again soon while the release moves, and while the
 * list is not of the length that the release's own figures say: the two are read at different moments.
 */
export const releaseOrganizationsQuery = (number: number, state: string, moving: boolean, counted: number) =>
  infiniteQueryOptions({
    queryKey: [...releaseKeys.all, number, state],
    initialPageParam: `fleet-releases/${number}/organizations/?state=${state}`,
    queryFn: ({ pageParam, signal }) => call<Page<ReleaseOrganization>>('GET', pageParam, { signal }),
    getNextPageParam: (last) => last.next,
    refetchInterval: (query) => (moving || !isOfLength(query.state.data?.pages, counted) ? SOON_MS : NOW_AND_THEN_MS),
    // Those that failed are no picture of those that wait.
    placeholderData: undefined,
  });

export const driftQuery = queryOptions({
  queryKey: releaseKeys.drift,
  queryFn: ({ signal }) => call<DriftReport>('GET', 'fleet-drift/', { signal }),
  refetchInterval: 60_000,
});

export const holdRelease = (number: number, why: Reason) => act<Release>('POST', `fleet-releases/${number}/pause/`, { body: why });
export const resumeRelease = (number: number, why: Reason) => act<Release>('POST', `fleet-releases/${number}/resume/`, { body: why });

/** Tries those that failed again, or the one organization that is named. */
export const retryRelease = (number: number, organization: string | null, why: Reason) =>
  act<{ retried: number }>('POST', `fleet-releases/${number}/retry/`, { body: { ...why, organization_id: organization } });
