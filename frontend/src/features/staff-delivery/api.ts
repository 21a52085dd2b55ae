import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Delivery, Standing, StandingPage } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

/** Everything of the edge: a move changes all of it. */
export const DELIVERY = ['delivery'] as const;

export const deliveryQuery = queryOptions({
  queryKey: [...DELIVERY, 'edge'],
  queryFn: ({ signal }) => call<Delivery>('GET', 'delivery/', { signal }),
  refetchInterval: 15_000,
});

export interface StandingFilter {
  pool?: string | undefined;
  only?: string | undefined;
}

const FIRST = 'delivery/organizations/';

export const standingsQuery = ({ pool, only }: StandingFilter) =>
  infiniteQueryOptions({
    queryKey: [...DELIVERY, 'organizations', { pool, only }],
    initialPageParam: FIRST,
    queryFn: ({ pageParam, signal }) => call<StandingPage>('GET', pageParam, { signal, ...(pageParam === FIRST ? { query: { pool, only } } : {}) }),
    refetchInterval: 15_000,
    getNextPageParam: (last) => last.next,
  });

/** How one organization's films are delivered; null where they were never set up. */
export const standingQuery = (organization: string) =>
  queryOptions({
    queryKey: [...DELIVERY, 'organization', organization],
    queryFn: async ({ signal }) => {
      try {
        return await call<Standing>('GET', `organizations/${organization}/delivery/`, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: (query) => (query.state.data?.phase ? 10_000 : 60_000),
    placeholderData: undefined,
  });

export interface DeliveryMove {
  strategy: Standing['strategy'];
  pool: string;
  reason: string;
}

export const moveDelivery = (organization: string, move: DeliveryMove) => act<Standing>('POST', `organizations/${organization}/delivery/`, { body: move });
