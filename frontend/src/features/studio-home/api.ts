import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { AssetRow, FirstRun, Page } from '@/api/types';

/** How far the organization is with its beginnings. Coming back from a finished step must show it finished. */
export const firstRunQuery = queryOptions({
  queryKey: ['first-run'],
  queryFn: ({ signal }) => call<FirstRun>('GET', 'first-run/', { signal }),
  staleTime: 0,
});

export const dismissFirstRun = () => call<FirstRun>('PUT', 'first-run/dismissal/');
export const reopenFirstRun = () => call<FirstRun>('DELETE', 'first-run/dismissal/');

export interface FailedVideo {
  id: string;
  title: string;
  detail: string | null;
}

/** Videos that could not be processed, newest first. */
export const failedQuery = queryOptions({
  queryKey: ['studio-home', 'failed'],
  queryFn: async ({ signal }): Promise<FailedVideo[]> => {
    const assets = await call<Page<AssetRow>>('GET', 'assets/', { signal, query: { state: 'failed' } });
    return assets.items.map((row) => ({ id: row.id, title: row.title, detail: row.error?.detail ?? row.error?.title ?? null }));
  },
  staleTime: 0,
});
