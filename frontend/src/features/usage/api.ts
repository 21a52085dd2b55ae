import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { BillingUsage, Usage } from '@/api/types';

export const usageQuery = queryOptions({
  queryKey: ['usage'],
  queryFn: ({ signal }) => call<Usage>('GET', 'usage/', { signal }),
  staleTime: 30_000,
});

export const monthKeys = { all: ['usage', 'month'] as const };

/** One month of what begins anew with each; empty: the month that runs. */
export const monthQuery = (month: string) =>
  queryOptions({
    queryKey: [...monthKeys.all, month],
    queryFn: ({ signal }) => call<BillingUsage>('GET', month ? `billing-usage/?month=${month}` : 'billing-usage/', { signal }),
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export const chooseOverage = (modes: Partial<Record<string, 'cap' | 'overage'>>) => call<BillingUsage>('PUT', 'overage/', { body: modes });
