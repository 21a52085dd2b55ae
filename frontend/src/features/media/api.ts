import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Page } from '@/api/types';

/** The library as the studio reads it. */

export type AssetState = 'uploading' | 'processing' | 'playable' | 'ready' | 'failed';

export interface Asset {
  id: string;
  title: string;
  kind: 'video' | 'audio';
  state: AssetState;
  stage: { name: string; progress_permille: number; eta_seconds: number | null } | null;
  stages: { name: string; state: string; progress_permille: number }[];
  duration_ms: number | null;
  width: number | null;
  height: number | null;
  size_bytes: number | null;
  has_audio: boolean | null;
  poster_url: string | null;
  error: { code: string; title: string; detail: string; retryable?: boolean } | null;
  /** Why its conversion does not begin yet; it begins by itself. */
  waits: { code: string; title: string; detail: string } | null;
  captions: { language: string; label?: string; kind: string; is_default: boolean }[];
  used_in: number;
  created_at: string;
  revision: number;
}

export interface CaptionTrack {
  id: string;
  language: string;
  label: string;
  kind: string;
  is_default: boolean;
  url: string;
}

export interface Storage {
  used_bytes: number;
  reserved_bytes: number;
  limit_bytes: number | null;
}

export interface AssetFilter {
  q: string;
  state: AssetState | null;
}

export const mediaKeys = {
  all: ['assets'] as const,
  list: (filter: AssetFilter) => ['assets', 'list', filter] as const,
  captions: (asset: string) => ['assets', asset, 'captions'] as const,
  storage: ['storage'] as const,
};

export const assetsQuery = (filter: AssetFilter) =>
  infiniteQueryOptions({
    queryKey: mediaKeys.list(filter),
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      call<Page<Asset>>('GET', 'assets/', { signal, query: { q: filter.q, state: filter.state, cursor: pageParam } }),
    getNextPageParam: (page) => cursorOf(page.next),
  });

/** The cursor itself, whether the server gave it bare or inside an address. */
function cursorOf(next: string | null): string | null {
  if (!next) return null;
  return next.includes('cursor=') ? new URL(next, window.location.origin).searchParams.get('cursor') : next;
}

export const captionsQuery = (asset: string) =>
  queryOptions({
    queryKey: mediaKeys.captions(asset),
    queryFn: async ({ signal }) => (await call<Page<CaptionTrack>>('GET', `assets/${asset}/captions/`, { signal })).items,
  });

export const storageQuery = queryOptions({
  queryKey: mediaKeys.storage,
  queryFn: ({ signal }) => call<Storage>('GET', 'storage/', { signal }),
});

export const renameAsset = (asset: Asset, title: string) =>
  call<Asset>('PATCH', `assets/${asset.id}/`, { body: { title }, ifMatch: asset.revision });

export const deleteAsset = (asset: string) => call('DELETE', `assets/${asset}/`);

export const retryAsset = (asset: string) => call<Asset>('POST', `assets/${asset}/retry/`);

export interface NewCaptions {
  language: string;
  label: string;
  text: string;
  is_default: boolean;
}

export const addCaptions = (asset: string, captions: NewCaptions) => call<CaptionTrack>('POST', `assets/${asset}/captions/`, { body: captions });

export const removeCaptions = (asset: string, caption: string) => call('DELETE', `assets/${asset}/captions/${caption}/`);
