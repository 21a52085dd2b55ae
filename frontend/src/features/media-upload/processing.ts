import { readAsset, readAssets, type ProcessedAsset } from './api';

const FIRST_MS = 2_000;
const LAST_MS = 15_000;
const GROWTH = 1.35;

export type AssetsListener = (assets: readonly ProcessedAsset[]) => void;

interface PollerOptions {
  read?: (ids: readonly string[]) => Promise<ProcessedAsset[]>;
  visible?: () => boolean;
}

/** One asset is asked for by itself; several by one look at the newest, and what is not among them one by one. */
async function readSome(ids: readonly string[]): Promise<ProcessedAsset[]> {
  if (ids.length === 1) return [await readAsset(ids[0]!)];
  const newest = await readAssets();
  const found = newest.filter((asset) => ids.includes(asset.id));
  const missing = ids.filter((id) => !found.some((asset) => asset.id === id));
  const rest = await Promise.allSettled(missing.map(readAsset));
  return [...found, ...rest.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))];
}

/** Nothing more will happen to it by itself: ready, failed, or playable with the rest given up. */
export function isSettled(asset: ProcessedAsset): boolean {
  return asset.state === 'ready' || asset.state === 'failed' || (asset.state === 'playable' && asset.stage === null && asset.error !== null);
}

/**
 * Looks after assets that are being made playable: one question for all of them, at first every two seconds, then
 * less and less often while nothing changes, and never while the tab is hidden.
 */
export class ProcessingPoller {
  readonly #watched = new Set<string>();
  readonly #listener: AssetsListener;
  readonly #read: (ids: readonly string[]) => Promise<ProcessedAsset[]>;
  readonly #visible: () => boolean;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #waitMs = FIRST_MS;
  #last = '';

  constructor(listener: AssetsListener, { read = readSome, visible = () => document.visibilityState === 'visible' }: PollerOptions = {}) {
    this.#listener = listener;
    this.#read = read;
    this.#visible = visible;
  }

  watch(asset: string): void {
    this.#watched.add(asset);
    this.#waitMs = FIRST_MS;
    this.#schedule();
  }

  /** Nothing of it is asked any more. */
  drop(asset: string): void {
    this.#watched.delete(asset);
  }

  /** The tab is looked at again: ask at once. */
  wake(): void {
    if (this.#watched.size === 0) return;
    this.#waitMs = FIRST_MS;
    void this.#ask();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#watched.clear();
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = this.#watched.size > 0 ? setTimeout(() => void this.#ask(), this.#waitMs) : null;
  }

  async #ask(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const ids = [...this.#watched];
    if (ids.length === 0) return;
    if (!this.#visible()) return;
    try {
      const assets = await this.#read(ids);
      const now = JSON.stringify(assets.map((asset) => [asset.id, asset.state, asset.stage]));
      this.#waitMs = now === this.#last ? Math.min(this.#waitMs * GROWTH, LAST_MS) : FIRST_MS;
      this.#last = now;
      for (const asset of assets) if (isSettled(asset)) this.#watched.delete(asset.id);
      this.#listener(assets);
    } catch {
      this.#waitMs = Math.min(this.#waitMs * 2, LAST_MS);
    }
    this.#schedule();
  }
}
