import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { ArchiveLine, DeletionReport, Effects, Note, OrganizationDetail, PersonRow, RestoreDetail, TimelineLine, Transition } from '@/api/staff';
import type { Page } from '@/api/types';
import { act } from '@/features/staff-kit/act';

export const organizationKeys = {
  one: (id: string) => ['organization', id] as const,
  timeline: (id: string) => ['organization', id, 'timeline'] as const,
  notes: (id: string) => ['organization', id, 'notes'] as const,
  exports: (id: string) => ['organization', id, 'exports'] as const,
  restores: (id: string) => ['organization', id, 'restores'] as const,
  restore: (id: string) => ['restore', id] as const,
  deletion: (id: string) => ['organization', id, 'deletion-report'] as const,
};

export const organizationQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.one(id),
    queryFn: ({ signal }) => call<OrganizationDetail>('GET', `organizations/${id}/`, { signal }),
    refetchInterval: 30_000,
    // Another organization's page never shows this one's figures while it loads.
    placeholderData: undefined,
  });

/** The latest hundred moments. */
export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.timeline(id),
    queryFn: ({ signal }) => call<{ items: TimelineLine[] }>('GET', `organizations/${id}/timeline/`, { signal }),
    refetchInterval: 30_000,
  });

export const notesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: organizationKeys.notes(id),
    initialPageParam: `organizations/${id}/notes/`,
    queryFn: ({ pageParam, signal }) => call<Page<Note>>('GET', pageParam, { signal }),
    getNextPageParam: (last) => last.next,
  });

/** The server gives the first this many; words narrow them. */
export const PEOPLE_SHOWN = 50;

/** Looking is recorded, so it is not done again without need. */
export const peopleQuery = (id: string, q: string | undefined) =>
  queryOptions({
    queryKey: ['organization', id, 'people', q ?? ''],
    queryFn: ({ signal }) => call<{ items: PersonRow[] }>('GET', `organizations/${id}/people/`, { signal, query: { q } }),
    staleTime: 300_000,
    refetchOnWindowFocus: false,
  });

export const addNote = (id: string, body: string) => act<Note>('POST', `organizations/${id}/notes/`, { body: { body } });

export const effectsQuery = (id: string, event: string) =>
  queryOptions({
    queryKey: ['organization', id, 'effects', event],
    queryFn: ({ signal }) => call<Effects>('GET', `organizations/${id}/transition-effects/`, { signal, query: { event } }),
    // What is shown must be what is true now; the token in it is short-lived.
    staleTime: 0,
    gcTime: 0,
    placeholderData: undefined,
  });

export const makeTransition = (id: string, wish: { event: string; reason: string; ticket: string; token: string }) =>
  act<Transition>('POST', `organizations/${id}/transitions/`, { body: wish });

const RUNNING = ['queued', 'running', 'swapping', 'discarding'];
export const isRunning = (state: string) => RUNNING.includes(state);

export const exportsQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.exports(id),
    queryFn: ({ signal }) => call<{ items: ArchiveLine[] }>('GET', `organizations/${id}/exports/`, { signal }),
    refetchInterval: (query) => (query.state.data?.items.some((line) => isRunning(line.state)) ? 2000 : false),
  });

export const startExport = (id: string, reason: string) => act<ArchiveLine>('POST', `organizations/${id}/exports/`, { body: { reason } });
export const startRestore = (id: string, archive: string, reason: string) =>
  act<RestoreDetail>('POST', `organizations/${id}/restores/`, { body: { archive_id: archive, reason } });

export const restoreQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.restore(id),
    queryFn: ({ signal }) => call<RestoreDetail>('GET', `restores/${id}/`, { signal }),
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data.state) ? 1500 : false),
    placeholderData: undefined,
  });

export const swapRestore = (id: string, reason: string) => act<RestoreDetail>('POST', `restores/${id}/swap/`, { body: { reason } });
export const discardRestore = (id: string, reason: string) => act<RestoreDetail>('POST', `restores/${id}/discard/`, { body: { reason } });

export const restoresQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.restores(id),
    queryFn: ({ signal }) => call<{ items: RestoreDetail[] }>('GET', `organizations/${id}/restores/`, { signal }),
    refetchInterval: (query) => (query.state.data?.items.some((line) => isRunning(line.state)) ? 2000 : false),
  });

export const deletionReportQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.deletion(id),
    queryFn: ({ signal }) => call<DeletionReport>('GET', `organizations/${id}/deletion-report/`, { signal }),
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data.state) ? 3000 : false),
  });

/** A last archive, made just before the end. */
export const wantFinalExport = (id: string, reason: string) => act<DeletionReport>('POST', `organizations/${id}/deletion-report/`, { body: { reason } });
