import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Usage } from '@/api/types';

export const usageQuery = queryOptions({
  queryKey: ['usage'],
  queryFn: ({ signal }) => call<Usage>('GET', 'usage/', { signal }),
  staleTime: 30_000,
});
