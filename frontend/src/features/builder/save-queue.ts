import type { LessonBody } from './body';
import type { Completion, DraftNode } from './model';

/** What of an item is to be written. Later values of a field replace earlier ones. */
export interface Patch {
  title?: string;
  body?: LessonBody;
  config?: { completion?: Completion | null; required?: boolean };
}

export interface SavedNode extends DraftNode {
  body: LessonBody | null;
}

/** A piece of work that has not reached the server, kept where a crash does not take it. */
export interface Copy {
  item: string;
  revision: number;
  patch: Patch;
}

export interface CopyStore {
  all(): Copy[];
  put(copy: Copy): void;
  remove(item: string): void;
}

export type SaveOutcome =
  | { kind: 'saved'; node: SavedNode }
  /** Somebody else saved in between; `current` is theirs. */
  | { kind: 'conflict'; current: SavedNode }
  /** No answer, or one that may be another next time: when the server said, where it did. */
  | { kind: 'unreached'; offline: boolean; retryAfterSeconds?: number | undefined }
  /** The server will never take this. */
  | { kind: 'refused'; detail: string };

export interface Conflict {
  item: string;
  current: SavedNode;
  yours: Patch;
}

export interface SaveStatus {
  kind: 'idle' | 'saved' | 'saving' | 'offline' | 'put-off' | 'conflict' | 'refused';
  /** When the last save was answered, in milliseconds since the epoch. */
  savedAt: number | null;
  conflict: Conflict | null;
  refusal: { item: string; detail: string } | null;
}

interface Entry {
  revision: number;
  /** Not yet sent. */
  waiting: Patch;
  /** On its way. */
  sending: Patch | null;
  timer: ReturnType<typeof setTimeout> | null;
  /** When the oldest waiting change was made: typing on and on must not put the save off for ever. */
  since: number | null;
  failures: number;
  /** Why the last try came to nothing: no network, or a server that takes it later. */
  held: 'offline' | 'put-off' | null;
  conflict: SavedNode | null;
  refusal: string | null;
}

interface QueueOptions {
  save: (item: string, patch: Patch, revision: number) => Promise<SaveOutcome>;
  copies: CopyStore;
  onSaved: (node: SavedNode) => void;
  /** What the editor must now show: another's version, with what is still ours on top. */
  onAdopted: (node: SavedNode) => void;
  now?: () => number;
}

export const DEBOUNCE_MS = 900;
export const LONGEST_MS = 5_000;
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

/** Longer each time; but when the server named a time, then, and not everybody at once. */
function retryDelay(failures: number, askedSeconds: number | undefined): number {
  if (askedSeconds !== undefined) return askedSeconds * 1000 * (1 + Math.random() / 4);
  return Math.min(RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}

const isEmpty = (patch: Patch) => Object.keys(patch).length === 0;

export function mergePatch(first: Patch, second: Patch): Patch {
  const config = first.config || second.config ? { config: { ...first.config, ...second.config } } : {};
  return { ...first, ...second, ...config };
}

/**
 * Saves what is edited, item by item and in order: at most one request an item is on its way, and what is changed
 * meanwhile goes with the next one. Nothing is dropped but by a decision: without a network it waits, after another's
 * save it asks, and until the server has answered a copy lies in the browser.
 */
export class SaveQueue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  #savedAt: number | null = null;
  #status: SaveStatus = { kind: 'idle', savedAt: null, conflict: null, refusal: null };

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same object until something changed. */
  status = (): SaveStatus => this.#status;

  /** Takes up what an earlier page could not save. */
  recover(): void {
    for (const copy of this.#options.copies.all()) {
      const entry = this.#entry(copy.item, copy.revision);
      entry.waiting = mergePatch(copy.patch, entry.waiting);
      this.#schedule(copy.item, entry, 0);
    }
    this.#publish();
  }

  /** What of `item` the server does not have yet. */
  pending(item: string): Patch | null {
    const entry = this.#entries.get(item);
    if (!entry) return null;
    const patch = mergePatch(entry.sending ?? {}, entry.waiting);
    return isEmpty(patch) ? null : patch;
  }

  /** Writes `patch` soon. `revision` is what was read with the item; a newer one that a save gave wins. */
  edit(item: string, patch: Patch, revision: number, delay = DEBOUNCE_MS): void {
    const entry = this.#entry(item, revision);
    entry.waiting = mergePatch(entry.waiting, patch);
    entry.refusal = null;
    entry.since ??= this.#now();
    this.#keep(item, entry);
    if (!entry.sending && !entry.conflict) {
      this.#schedule(item, entry, Math.max(0, Math.min(delay, entry.since + LONGEST_MS - this.#now())));
    }
    this.#publish();
  }

  /** Sends everything that waits, now: the page is being left, or the network is back. */
  flush(): void {
    for (const [item, entry] of this.#entries) {
      if (!isEmpty(entry.waiting) && !entry.sending && !entry.conflict) this.#schedule(item, entry, 0);
    }
  }

  /** Drops what waits for an item that is gone. */
  forget(item: string): void {
    const entry = this.#entries.get(item);
    if (entry?.timer) clearTimeout(entry.timer);
    this.#entries.delete(item);
    this.#options.copies.remove(item);
    this.#publish();
  }

  /** Decides a conflict: our fields over theirs, or theirs alone. */
  resolve(item: string, keep: 'mine' | 'theirs'): void {
    const entry = this.#entries.get(item);
    if (!entry?.conflict) return;
    const current = entry.conflict;
    entry.conflict = null;
    entry.revision = current.revision;
    if (keep === 'theirs') {
      entry.waiting = {};
      entry.since = null;
      this.#options.copies.remove(item);
      this.#savedAt = this.#now();
    } else {
      this.#keep(item, entry);
      this.#schedule(item, entry, 0);
    }
    this.#options.onAdopted(overlaid(current, entry.waiting));
    this.#publish();
  }

  /** Stops the timers; copies stay. */
  stop(): void {
    for (const entry of this.#entries.values()) if (entry.timer) clearTimeout(entry.timer);
  }

  #entry(item: string, revision: number): Entry {
    let entry = this.#entries.get(item);
    if (!entry) {
      entry = { revision, waiting: {}, sending: null, timer: null, since: null, failures: 0, held: null, conflict: null, refusal: null };
      this.#entries.set(item, entry);
    } else if (revision > entry.revision && isEmpty(entry.waiting) && !entry.sending) {
      entry.revision = revision;
    }
    return entry;
  }

  #keep(item: string, entry: Entry): void {
    const patch = mergePatch(entry.sending ?? {}, entry.waiting);
    if (isEmpty(patch)) this.#options.copies.remove(item);
    else this.#options.copies.put({ item, revision: entry.revision, patch });
  }

  #schedule(item: string, entry: Entry, delay: number): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void this.#send(item, entry), delay);
  }

  async #send(item: string, entry: Entry): Promise<void> {
    entry.timer = null;
    if (entry.sending || entry.conflict || isEmpty(entry.waiting)) return;
    const sent = entry.waiting;
    entry.sending = sent;
    entry.waiting = {};
    entry.since = null;
    this.#publish();
    const outcome = await this.#options.save(item, sent, entry.revision);
    // Forgotten while it was on its way: the answer is about something that is gone.
    if (this.#entries.get(item) !== entry) return;
    entry.sending = null;
    if (outcome.kind === 'saved') this.#saved(item, entry, outcome.node);
    else {
      entry.waiting = mergePatch(sent, entry.waiting);
      if (outcome.kind === 'conflict') entry.conflict = outcome.current;
      else if (outcome.kind === 'refused') entry.refusal = outcome.detail;
      else {
        entry.failures += 1;
        entry.held = outcome.offline ? 'offline' : 'put-off';
        this.#schedule(item, entry, retryDelay(entry.failures, outcome.retryAfterSeconds));
      }
      this.#keep(item, entry);
    }
    this.#publish();
  }

  #saved(item: string, entry: Entry, node: SavedNode): void {
    entry.revision = node.revision;
    entry.failures = 0;
    entry.held = null;
    entry.refusal = null;
    this.#savedAt = this.#now();
    this.#keep(item, entry);
    if (!isEmpty(entry.waiting)) this.#schedule(item, entry, DEBOUNCE_MS);
    this.#options.onSaved(node);
  }

  #publish(): void {
    const entries = [...this.#entries];
    const torn = entries.find(([, entry]) => entry.conflict);
    const refused = entries.find(([, entry]) => entry.refusal);
    const kind = torn
      ? 'conflict'
      : refused
        ? 'refused'
        : (entries.find(([, entry]) => entry.held === 'offline') ?? entries.find(([, entry]) => entry.held))?.[1].held ??
          (entries.some(([, entry]) => entry.sending || !isEmpty(entry.waiting)) ? 'saving' : this.#savedAt === null ? 'idle' : 'saved');
    this.#status = {
      kind,
      savedAt: this.#savedAt,
      conflict: torn?.[1].conflict ? { item: torn[0], current: torn[1].conflict, yours: torn[1].waiting } : null,
      refusal: refused?.[1].refusal ? { item: refused[0], detail: refused[1].refusal } : null,
    };
    for (const listener of this.#listeners) listener();
  }
}

/** A node as it will be once `patch` is saved. */
export function overlaid<Node extends DraftNode>(node: Node, patch: Patch | null): Node {
  if (!patch) return node;
  const { completion, required } = patch.config ?? {};
  const config = node.config && {
    ...node.config,
    ...(completion ? { completion, automatic: false } : {}),
    ...(completion === null ? { automatic: true } : {}),
    ...(required === undefined ? {} : { required }),
  };
  return {
    ...node,
    ...(patch.title === undefined ? {} : { title: patch.title }),
    ...('body' in node && patch.body ? { body: patch.body } : {}),
    config,
  };
}
