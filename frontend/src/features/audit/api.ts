import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { API, call } from '@/api/client';
import type { AuditEntry, AuditGroup, AuditState, Page } from '@/api/types';

/** What is asked for, as it stands in the address. Days are this browser's. */
export interface AuditSearch {
  person?: string | undefined;
  group?: string | undefined;
  object?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  support?: '1' | undefined;
  /** The entry whose details are open. */
  entry?: string | undefined;
}

/** A day becomes the moment it begins here; the last day asked for is in. */
function moments(search: AuditSearch): Record<string, string | undefined> {
  const begins = (day: string | undefined, plus = 0) => {
    if (!day) return undefined;
    const at = new Date(`${day}T00:00:00`);
    if (Number.isNaN(at.getTime())) return undefined;
    at.setDate(at.getDate() + plus);
    return at.toISOString();
  };
  return {
    person: search.person,
    group: search.group,
    object: search.object,
    since: begins(search.since),
    until: begins(search.until, 1),
    support: search.support ? 'true' : undefined,
  };
}

export const isFiltered = (search: AuditSearch) => Object.values(moments(search)).some(Boolean);

export const entriesQuery = (search: AuditSearch) => {
  const query = moments(search);
  return infiniteQueryOptions({
    queryKey: ['audit', 'entries', query],
    initialPageParam: 'audit-entries/',
    // The next page is an address of this very host that already carries the filter.
    queryFn: ({ pageParam, signal }) =>
      call<Page<AuditEntry>>('GET', pageParam, { signal, ...(pageParam === 'audit-entries/' ? { query } : {}) }),
    getNextPageParam: (last) => last.next,
  });
};

export const entryQuery = (id: string) =>
  queryOptions({
    queryKey: ['audit', 'entry', id],
    queryFn: ({ signal }) => call<AuditEntry>('GET', `audit-entries/${id}/`, { signal }),
    staleTime: Infinity, // an entry never changes
  });

export const groupsQuery = queryOptions({
  queryKey: ['audit', 'groups'],
  queryFn: ({ signal }) => call<{ items: AuditGroup[] }>('GET', 'audit-groups/', { signal }),
  staleTime: Infinity,
});

export const stateQuery = queryOptions({
  queryKey: ['audit', 'state'],
  queryFn: ({ signal }) => call<AuditState>('GET', 'audit-state/', { signal }),
});

export const verify = () => call<AuditState>('POST', 'audit-state/');

/** Where the file is that holds what is shown now. */
export function exportAddress(search: AuditSearch, form: 'csv' | 'jsonl'): string {
  const query = new URLSearchParams({ form });
  for (const [name, value] of Object.entries(moments(search))) if (value) query.set(name, value);
  return `${API}/audit-export/?${query.toString()}`;
}
