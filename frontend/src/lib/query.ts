import { keepPreviousData, QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/errors';

/** Whoever is asked to wait for longer is told so; a page that hangs that long without a word seems broken. */
const LONGEST_WAIT_SECONDS = 5;

/** Whether a failed query is asked again by itself: what may pass (no answer, 5xx, too many at once) is, twice. */
export function retries(failures: number, error: unknown): boolean {
  if (failures >= 2) return false;
  if (!(error instanceof ApiError)) return true;
  return error.retryable && (error.retryAfterSeconds ?? 0) <= LONGEST_WAIT_SECONDS;
}

/** Milliseconds until then: what the server asked for, and a little more, so that not all come back at once. */
export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
  return asked === undefined ? Math.min(1000 * 2 ** failures, 30_000) : asked * 1000 * (1 + Math.random() / 4);
}

/** Server state of one surface. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        placeholderData: keepPreviousData,
        retry: retries,
        retryDelay,
      },
      mutations: { retry: false },
    },
  });
}
