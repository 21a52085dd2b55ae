import type { BeaconAnswer } from '../../lib/beacon';
import type { DurableList, StoredEntry } from '../../lib/idb-queue';
import type { PlayedSpan } from './watch-tracker';

/** One report of playback. `play_session` and `seq` make a repeat harmless: the server applies each pair once. */
export interface PlayBeacon {
  play_session: string;
  seq: number;
  item: string;
  timeline: string;
  spans: PlayedSpan[];
  /** Seconds; where to resume. */
  position: number;
  placement_no: number;
}

/** A report as it waits: who made it and where it belongs. Another member's reports are never sent as ours. */
export interface WaitingBeacon {
  member: string;
  enrollment: string;
  queued_at: number;
  beacon: PlayBeacon;
}

export type Send = (enrollment: string, beacon: PlayBeacon, leaving: boolean) => Promise<BeaconAnswer>;

export interface BeaconQueueOptions {
  member: string;
  list: DurableList<WaitingBeacon>;
  send: Send;
  /** Called with every accepted answer, in the order of answers. */
  onAnswer: (enrollment: string, item: string, body: unknown) => void;
  /** Called when reports begin or cease to wait for the network. */
  onWaiting?: (waiting: number) => void;
  now?: () => number;
}

/** Reports older than this are of no use to anyone and are dropped. */
const KEEP_MS = 30 * 24 * 3600 * 1000;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;

type Verdict = 'accepted' | 'refused' | 'later';

/** What an answer means for the report that caused it. */
export function verdict(status: number): Verdict {
  if (status >= 200 && status < 300) return 'accepted';
  // 401: signed out, the report is good once they sign in again. 403 may be a stale CSRF token: the same.
  if (status === 0 || status === 401 || status === 403 || status === 408 || status === 425 || status === 429 || status >= 500) return 'later';
  return 'refused';
}

/** No network, signed out, too many requests, or a server that asks us to come back: the next would fare no better. */
function concernsAll(answer: BeaconAnswer): boolean {
  const { status } = answer;
  return status === 0 || status === 401 || status === 429 || (status === 503 && answer.retryAfterSeconds !== null);
}

/**
 * Playback reports on their way to the server. Each is written down before it is sent and forgotten when the server
 * has answered, so neither a dead network nor a closed tab loses one. They go out one at a time, oldest first; the
 * server merges by union, so a repeat from another tab does no harm.
 */
export class BeaconQueue {
  readonly #options: BeaconQueueOptions;
  readonly #now: () => number;
  #draining: Promise<void> | null = null;
  #again = false;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped = false;

  constructor(options: BeaconQueueOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Hands a report over. With `leaving` it is also sent at once, beside whatever is in flight: the page may be gone. */
  async add(enrollment: string, beacon: PlayBeacon, { leaving = false } = {}): Promise<void> {
    const { list, member } = this.#options;
    const stored = list.put({ member, enrollment, queued_at: this.#now(), beacon }).catch(() => null);
    if (leaving) {
      const answer = await this.#options.send(enrollment, beacon, true);
      const key = await stored;
      if (verdict(answer.status) === 'accepted') {
        this.#options.onAnswer(enrollment, beacon.item, answer.body);
        if (key !== null) await list.remove(key).catch(() => undefined);
      }
      return;
    }
    await stored;
    await this.drain();
  }

  /** Sends everything that waits. Safe to call at any time and from several places. */
  drain(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#draining) {
      this.#again = true;
      return this.#draining;
    }
    this.#draining = this.#drainAll().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  /** No more sending from here; what waits stays for the next page. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #drainAll(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    do {
      this.#again = false;
      const waiting = await this.#mine();
      let held = 0;
      for (const entry of waiting) {
        if (this.#stopped) return;
        const answer = await this.#options.send(entry.value.enrollment, entry.value.beacon, false);
        const outcome = verdict(answer.status);
        if (outcome === 'later') {
          if (concernsAll(answer)) return this.#waitAndRetry(waiting.length - held, answer.retryAfterSeconds);
          // This one alone is in trouble: the others need not wait for it.
          held += 1;
          continue;
        }
        await this.#options.list.remove(entry.key).catch(() => undefined);
        if (outcome === 'accepted') this.#options.onAnswer(entry.value.enrollment, entry.value.beacon.item, answer.body);
        this.#retryMs = FIRST_RETRY_MS;
      }
      if (held > 0 && !this.#again) return this.#waitAndRetry(held, null);
    } while (this.#again);
    this.#options.onWaiting?.(0);
  }

  async #mine(): Promise<StoredEntry<WaitingBeacon>[]> {
    const oldest = this.#now() - KEEP_MS;
    const entries = await this.#options.list.all().catch(() => []);
    const mine: StoredEntry<WaitingBeacon>[] = [];
    for (const entry of entries) {
      if (entry.value.queued_at < oldest) await this.#options.list.remove(entry.key).catch(() => undefined);
      else if (entry.value.member === this.#options.member) mine.push(entry);
    }
    return mine;
  }

  #waitAndRetry(waiting: number, askedSeconds: number | null): void {
    this.#options.onWaiting?.(waiting);
    if (this.#stopped) return;
    // Never sooner than asked, and not a whole class at the same moment.
    const delay = askedSeconds !== null ? askedSeconds * 1000 * (1 + Math.random() / 4) : this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#timer = setTimeout(() => void this.drain(), delay);
  }
}
