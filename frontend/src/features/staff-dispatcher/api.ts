import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Dispatcher } from '@/api/staff';

export const dispatcherQuery = queryOptions({
  queryKey: ['dispatcher'],
  queryFn: ({ signal }) => call<Dispatcher>('GET', 'dispatcher/', { signal }),
  refetchInterval: 5_000,
});
