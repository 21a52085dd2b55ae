import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import { UploadRefused, type ServerUpload, type SignedPart, type UploadApi } from './types';

async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError) throw new UploadRefused(error.status, error.code, error.status === 0 ? undefined : error.detail);
    throw error;
  }
}

/** The application's side of uploads, over HTTP. */
export const uploadApi: UploadApi = {
  create: (file) => refusing(call<ServerUpload>('POST', 'uploads/', { body: file, idempotencyKey: crypto.randomUUID() })),
  read: (id) => refusing(call<ServerUpload>('GET', `uploads/${id}/`)),
  sign: async (id, parts) => (await refusing(call<{ items: SignedPart[] }>('POST', `uploads/${id}/parts/`, { body: { parts } }))).items,
  // The same key for the same upload: a repeated completion answers what the first one did.
  complete: async (id) => void (await refusing(call<unknown>('POST', `uploads/${id}/completion/`, { idempotencyKey: id }))),
  cancel: (id) => refusing(call('DELETE', `uploads/${id}/`)),
};

export interface AssetStage {
  name: 'remux' | 'fast' | 'ladder' | (string & {});
  state?: string;
  progress_permille: number;
  eta_seconds?: number | null;
}

/** What the tray needs to know of an asset that is being made playable. */
export interface ProcessedAsset {
  id: string;
  title: string;
  state: 'uploading' | 'processing' | 'playable' | 'ready' | 'failed';
  stage: AssetStage | null;
  stages?: AssetStage[];
  error: { code: string; title: string; detail: string; retryable?: boolean } | null;
  /** Why its conversion does not begin yet; it begins by itself. */
  waits?: { code: string; title: string; detail: string } | null;
}

/** One asset as it is now. */
export const assetStateQuery = (asset: string) =>
  queryOptions({
    queryKey: ['assets', asset] as const,
    queryFn: ({ signal }) => call<ProcessedAsset>('GET', `assets/${asset}/`, { signal }),
  });

/** The newest assets, in one request for everything in the tray. */
export function readAssets(signal?: AbortSignal): Promise<ProcessedAsset[]> {
  return call<{ items: ProcessedAsset[] }>('GET', 'assets/', signal ? { signal } : {}).then((page) => page.items);
}

export function readAsset(asset: string): Promise<ProcessedAsset> {
  return call<ProcessedAsset>('GET', `assets/${asset}/`);
}
