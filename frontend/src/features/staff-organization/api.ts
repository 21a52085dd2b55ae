import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { ArchiveLine, Effects, Note, OrganizationDetail, PersonRow, RestoreDetail, TimelineLine } from '@/api/staff';
import type { Page } from '@/api/types';
import { act } from '@/features/staff-kit/act';

export const organizationKeys = {
  one: (id: string) => ['organization', id] as const,
  timeline: (id: string) => ['organization', id, 'timeline'] as const,
  notes: (id: string) => ['organization', id, 'notes'] as const,
  exports: (id: string) => ['organization', id, 'exports'] as const,
  restore: (id: string) => ['restore', id] as const,
};

export const organizationQuery = (id: string) =>
  queryOptions({
    queryKey: organizationKeys.one(id),
    queryFn: ({ signal }) => call<OrganizationDetail>('GET', `organizations/${id}/`, { signal }),
    refetchInterval: 30_000,
    // Another organization's page never shows this one's figures while it loads.
    placeholderData: undefined,
  });

const paged = <Item>(key: readonly unknown[], path: string, query: Record<string, string | undefined> = {}) =>
  infiniteQueryOptions({
    queryKey: key,
    initialPageParam: path,
    queryFn: ({ pageParam, signal }) => call<Page<Item>>('GET', pageParam, { signal, ...(pageParam === path ? { query } : {}) }),
    getNextPageParam: (last) => last.next,
  });

export const timelineQuery = (id: string) => paged<TimelineLine>(organizationKeys.timeline(id), `organizations/${id}/timeline/`);
export const notesQuery = (id: string) => paged<Note>(organizationKeys.notes(id), `organizations/${id}/notes/`);
export const peopleQuery = (id: string, q: string | undefined) =>
  paged<PersonRow>(['organization', id, 'people', q ?? ''], `organizations/${id}/people/`, { q });

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
  act<OrganizationDetail>('POST', `organizations/${id}/transitions/`, { body: wish });

const RUNNING = ['queued', 'waiting', 'running', 'swapping', 'discarding'];
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
export const discardRestore = (id: string) => act<RestoreDetail>('POST', `restores/${id}/discard/`, { body: {} });

export const deletionReportQuery = (id: string) =>
  queryOptions({
    queryKey: ['organization', id, 'deletion-report'],
    queryFn: ({ signal }) => call<Record<string, unknown>>('GET', `organizations/${id}/deletion-report/`, { signal }),
  });
