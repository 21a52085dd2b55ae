import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Cell, Move } from '@/api/staff';
import { act } from '@/features/staff-kit/act';
import { isUnderWay } from './model';

export const cellKeys = { all: ['cells'] as const, move: (organization: string) => ['organization', organization, 'move'] as const };

export const cellsQuery = queryOptions({
  queryKey: cellKeys.all,
  queryFn: ({ signal }) => call<{ items: Cell[] }>('GET', 'cells/', { signal }),
  refetchInterval: 30_000,
});

export const setCellState = (name: string, state: Cell['state'], reason: string) => act<Cell>('PATCH', `cells/${name}/`, { body: { state, reason } });

/** Its last move from here; null where it was never moved. */
export const moveQuery = (organization: string) =>
  queryOptions({
    queryKey: cellKeys.move(organization),
    queryFn: async ({ signal }) => {
      try {
        return await call<Move>('GET', `organizations/${organization}/move/`, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? 1500 : 30_000),
    placeholderData: undefined,
  });

export const startMove = (organization: string, cell: string, reason: string) => act<Move>('POST', `organizations/${organization}/move/`, { body: { cell, reason } });
export const abortMove = (organization: string, reason: string) => act<Move>('POST', `organizations/${organization}/move/abort/`, { body: { reason } });
