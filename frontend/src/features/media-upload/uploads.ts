import { useSyncExternalStore } from 'react';
import { openList } from '@/lib/idb-queue';
import { uploadApi, type ProcessedAsset } from './api';
import { digestPart, isOnline, putPart, sleep, whenOnline } from './browser';
import { isSettled, ProcessingPoller } from './processing';
import type { JobView, UploadRecord } from './types';
import { UploadManager } from './upload-manager';

/** What is known of the assets in the tray, by id. */
let assets: ReadonlyMap<string, ProcessedAsset> = new Map();
const assetListeners = new Set<() => void>();
const changed = new Set<(assets: readonly ProcessedAsset[]) => void>();

let manager: UploadManager | null = null;
let starting: Promise<UploadManager> | null = null;

const poller = new ProcessingPoller((news) => {
  assets = new Map([...assets, ...news.map((asset) => [asset.id, asset] as const)]);
  for (const asset of news) {
    if (asset.state === 'failed') manager?.settle(asset.id, 'failed', asset.error ?? { title: 'It could not be made playable', detail: '' });
    else if (isSettled(asset)) manager?.settle(asset.id, 'ready');
  }
  for (const listener of assetListeners) listener();
  for (const listener of changed) listener(news);
});

async function start(): Promise<UploadManager> {
  const created = new UploadManager({
    api: uploadApi,
    put: putPart,
    digest: digestPart,
    online: isOnline,
    whenOnline,
    sleep,
    now: Date.now,
    records: await openList<UploadRecord>('uploads'),
  });
  manager = created;
  created.onCompleted((asset) => poller.watch(asset));
  created.subscribe(() => {
    for (const listener of managerListeners) listener();
  });
  window.addEventListener('beforeunload', (event) => {
    // Only while bytes are under way: a waiting or paused upload loses nothing by leaving.
    if (created.busy()) event.preventDefault();
  });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && poller.wake());
  await created.restore();
  return created;
}

const managerListeners = new Set<() => void>();

/** The page's uploads, begun once and kept above the router. */
export function uploads(): Promise<UploadManager> {
  starting ??= start();
  return starting;
}

/** Takes files in. Returns when they are in the list. */
export async function uploadFiles(files: Iterable<File>): Promise<string[]> {
  return (await uploads()).add(files);
}

/** Watches an asset whose processing began elsewhere: a retry, another tab. */
export function watchProcessing(asset: string): void {
  poller.watch(asset);
}

/** Tells of every answer about assets being processed, so that lists can follow without asking themselves. */
export function onAssets(listener: (assets: readonly ProcessedAsset[]) => void): () => void {
  changed.add(listener);
  return () => changed.delete(listener);
}

const NONE: readonly JobView[] = [];

export function useUploads(): readonly JobView[] {
  return useSyncExternalStore(
    (listener) => {
      managerListeners.add(listener);
      void uploads();
      return () => managerListeners.delete(listener);
    },
    () => manager?.views() ?? NONE,
  );
}

export function useProcessedAsset(asset: string | null): ProcessedAsset | undefined {
  return useSyncExternalStore(
    (listener) => {
      assetListeners.add(listener);
      return () => assetListeners.delete(listener);
    },
    () => (asset ? assets.get(asset) : undefined),
  );
}
