import { useSyncExternalStore } from 'react';

/**
 * One progress number everywhere. Every answer of the server that shows an enrollment's progress carries a revision
 * that only grows; this store keeps the highest it has seen, so a late answer can never turn a bar back, and the
 * header, the outline, the course page and home all read the same number.
 */
export interface Progress {
  revision: number;
  percent_permille: number;
  /** Lessons completed of the lessons that count. */
  done: number;
  required: number;
  next_item: string | null;
}

export type LessonState = 'open' | 'started' | 'completed';

/** What is known of one lesson of an enrollment, newer than any list that was loaded before. */
export interface ItemProgress {
  state: LessonState;
  percent_permille: number;
  spans: readonly (readonly [number, number])[];
}

const STATE_ORDER: Record<LessonState, number> = { open: 0, started: 1, completed: 2 };

type Listener = () => void;

export class ProgressStore {
  readonly #progress = new Map<string, Progress>();
  readonly #items = new Map<string, ItemProgress>();
  readonly #listeners = new Set<Listener>();
  #version = 0;

  /** Grows with every change: a cheap snapshot for whoever reads many lessons at once. */
  version = (): number => this.#version;

  /** Takes an answer in; older revisions are ignored. Says whether anything changed. */
  put(enrollment: string, progress: Progress): boolean {
    const known = this.#progress.get(enrollment);
    if (known && known.revision >= progress.revision) return false;
    this.#progress.set(enrollment, progress);
    this.#changed();
    return true;
  }

  /** A lesson's state only goes forward, and its map only grows. */
  putItem(enrollment: string, item: string, news: ItemProgress): void {
    const key = `${enrollment}/${item}`;
    const known = this.#items.get(key);
    const state = known && STATE_ORDER[known.state] > STATE_ORDER[news.state] ? known.state : news.state;
    const percent = Math.max(known?.percent_permille ?? 0, news.percent_permille);
    // A late answer holds a smaller map; the larger one stays.
    const older = known !== undefined && (news.spans.length === 0 || news.percent_permille < known.percent_permille);
    const spans = older ? known.spans : news.spans;
    if (known && known.state === state && known.percent_permille === percent && known.spans === spans) return;
    this.#items.set(key, { state, percent_permille: percent, spans });
    this.#changed();
  }

  get(enrollment: string): Progress | undefined {
    return this.#progress.get(enrollment);
  }

  getItem(enrollment: string, item: string): ItemProgress | undefined {
    return this.#items.get(`${enrollment}/${item}`);
  }

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

export const progressStore = new ProgressStore();

/** The enrollment's progress: what the page loaded, or anything newer that came since. */
export function useProgress(enrollment: string, loaded?: Progress): Progress | undefined {
  const live = useSyncExternalStore(progressStore.subscribe, () => progressStore.get(enrollment));
  if (!live) return loaded;
  return loaded && loaded.revision > live.revision ? loaded : live;
}

/** A lesson as loaded, with anything newer laid over it. */
export function useItemProgress(enrollment: string, item: string, loaded?: ItemProgress): ItemProgress | undefined {
  const live = useSyncExternalStore(progressStore.subscribe, () => progressStore.getItem(enrollment, item));
  return mergeItem(loaded, live);
}

/** Two views of one lesson: the further state, the higher percent, the map that goes with it. */
export function mergeItem(loaded: ItemProgress | undefined, live: ItemProgress | undefined): ItemProgress | undefined {
  if (!live || !loaded) return live ?? loaded;
  const ahead = live.percent_permille >= loaded.percent_permille ? live : loaded;
  return {
    state: STATE_ORDER[live.state] >= STATE_ORDER[loaded.state] ? live.state : loaded.state,
    percent_permille: ahead.percent_permille,
    spans: ahead.spans.length > 0 ? ahead.spans : loaded.spans,
  };
}
