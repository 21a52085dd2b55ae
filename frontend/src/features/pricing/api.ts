import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { PlanOffer } from './model';

/** The public price list: the plans that anybody may choose, lowest first. */
export const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => call<{ items: PlanOffer[] }>('GET', 'plans/', { signal, anonymous: true }),
});
