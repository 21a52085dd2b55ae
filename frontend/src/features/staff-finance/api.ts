import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { API, call } from '@/api/client';
import type { Comparison, ComparisonLine, Finance, Movement } from '@/api/staff';
import type { Page } from '@/api/types';
import { act } from '@/features/staff-kit/act';
import { isPending } from './model';

const SOON_MS = 1_500;
const NOW_AND_THEN_MS = 60_000;

export const financeKeys = { all: ['finance'] as const, comparisons: ['finance', 'comparisons'] as const };

export const financeQuery = queryOptions({
  queryKey: [...financeKeys.all, 'page'],
  queryFn: ({ signal }) => call<Finance>('GET', 'finance/', { signal }),
  refetchInterval: NOW_AND_THEN_MS,
});

export const monthsCsv = `${API}/finance-months.csv/?months=36`;

export interface MovementFilter {
  month?: string | undefined;
  currency?: string | undefined;
  kind?: string | undefined;
}

const query = (filter: MovementFilter) => new URLSearchParams(Object.entries(filter).filter((pair): pair is [string, string] => Boolean(pair[1]))).toString();

export const movementsCsv = (filter: MovementFilter) => `${API}/mrr-movements.csv/?${query(filter)}`;

export const movementsQuery = (filter: MovementFilter) =>
  infiniteQueryOptions({
    queryKey: [...financeKeys.all, 'movements', query(filter)],
    initialPageParam: `mrr-movements/?${query(filter)}`,
    queryFn: ({ pageParam, signal }) => call<Page<Movement>>('GET', pageParam, { signal }),
    getNextPageParam: (last) => last.next,
  });

export const comparisonsQuery = queryOptions({
  queryKey: financeKeys.comparisons,
  queryFn: ({ signal }) => call<{ items: ComparisonLine[] }>('GET', 'reconciliations/', { signal }),
  refetchInterval: (found) => (found.state.data?.items.some(isPending) ? SOON_MS : NOW_AND_THEN_MS),
});

export const comparisonQuery = (id: string) =>
  queryOptions({
    queryKey: [...financeKeys.comparisons, id],
    queryFn: ({ signal }) => call<Comparison>('GET', `reconciliations/${id}/`, { signal }),
    refetchInterval: (found) => (found.state.data && isPending(found.state.data) ? SOON_MS : false),
    // The sums of one comparison are no picture of another's.
    placeholderData: undefined,
  });

export const askComparison = () => act<ComparisonLine>('POST', 'reconciliations/');
export const differencesCsv = (id: string) => `${API}/reconciliations/${id}/differences.csv/`;
