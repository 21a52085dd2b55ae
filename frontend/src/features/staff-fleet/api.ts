import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Fleet } from '@/api/staff';

export const fleetQuery = queryOptions({
  queryKey: ['fleet'],
  queryFn: ({ signal }) => call<Fleet>('GET', 'fleet/', { signal }),
  // The strip shows it too; once a minute is what people expect of "now".
  refetchInterval: 60_000,
});
