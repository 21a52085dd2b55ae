import { keepPreviousData, QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/errors';

/** Server state of one surface. Refusals are not retried; what may pass (no answer, 5xx) is, twice. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        placeholderData: keepPreviousData,
        retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.retryable),
      },
      mutations: { retry: false },
    },
  });
}
