import { infiniteQueryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Violation } from '@/api/staff';
import type { Page } from '@/api/types';
import { act } from '@/features/staff-kit/act';
import type { SurfaceFilter } from './model';

export const violationKeys = { all: ['policy-violations'] as const };

/** Kinds of violations, the latest first. Reports come at any time: the list is asked for again each minute. */
export const violationsQuery = (surface: SurfaceFilter) =>
  infiniteQueryOptions({
    queryKey: [...violationKeys.all, surface],
    initialPageParam: 'policy-violations/',
    queryFn: ({ pageParam, signal }) =>
      call<Page<Violation>>('GET', pageParam, { signal, ...(pageParam === 'policy-violations/' && surface !== 'all' ? { query: { surface } } : {}) }),
    getNextPageParam: (last) => last.next,
    refetchInterval: 60_000,
  });

export const forgetViolation = (id: string) => act('DELETE', `policy-violations/${id}/`);
