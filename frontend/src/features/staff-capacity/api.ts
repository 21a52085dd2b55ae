import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { API, call } from '@/api/client';
import type { Capacity, IdlePage } from '@/api/staff';

export const capacityQuery = queryOptions({
  queryKey: ['fleet-capacity'],
  queryFn: ({ signal }) => call<Capacity>('GET', 'fleet-capacity/', { signal }),
  refetchInterval: 15_000,
});

export interface IdleFilter {
  days?: string | undefined;
  state?: string | undefined;
  order?: string | undefined;
}

const FIRST = 'idle-organizations/';

export const idleQuery = ({ days, state, order }: IdleFilter) =>
  infiniteQueryOptions({
    queryKey: ['idle-organizations', { days, state, order }],
    initialPageParam: FIRST,
    queryFn: ({ pageParam, signal }) => call<IdlePage>('GET', pageParam, { signal, ...(pageParam === FIRST ? { query: { days, state, order } } : {}) }),
    refetchInterval: 15_000,
    getNextPageParam: (last) => last.next,
  });

/** The same rows as a file. */
export function idleCsv(filter: IdleFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  const text = query.toString();
  return `${API}/idle-organizations.csv/${text ? `?${text}` : ''}`;
}
