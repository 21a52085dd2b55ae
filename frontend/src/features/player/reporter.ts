import type { PlayBeacon } from './beacon-queue';
import type { PlayedSpan } from './watch-tracker';

/** The first report comes soon, so that a lesson looked into is "started"; then a steady pace. */
const FIRST_REPORT_MS = 4_000;
const REPORT_EVERY_MS = 12_000;
/** A new place without new seconds is worth a report only if it moved this far, in seconds. */
const MOVED_SECONDS = 1;

export interface ReporterOptions {
  item: string;
  timeline: string;
  placementNo: number;
  /** Where playback begins, in seconds: the server knows this place already. */
  startAt?: number;
  deliver: (beacon: PlayBeacon, leaving: boolean) => void;
  newId?: () => string;
  now?: () => number;
}

/** A random UUID; from random bytes where the page is not a secure context. */
export function randomId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** One sitting in front of one video: gives its reports an identity and a number, and says when one is due. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #now: () => number;
  readonly #session: string;
  #seq = 0;
  #lastAtMs: number;
  #lastPosition: number | null = null;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#session = (options.newId ?? randomId)();
    this.#lastPosition = options.startAt ?? null;
    this.#lastAtMs = this.#now() - (REPORT_EVERY_MS - FIRST_REPORT_MS);
  }

  /** Whether the steady pace asks for a report. */
  due(): boolean {
    return this.#now() - this.#lastAtMs >= REPORT_EVERY_MS;
  }

  /** Hands over what was played since the last report; says nothing when nothing is new. */
  report(spans: PlayedSpan[], position: number, leaving: boolean): void {
    const moved = this.#lastPosition === null ? position > 0 : Math.abs(position - this.#lastPosition) >= MOVED_SECONDS;
    if (spans.length === 0 && !moved) return;
    this.#lastAtMs = this.#now();
    this.#lastPosition = position;
    this.#seq += 1;
    this.#options.deliver(
      {
        play_session: this.#session,
        seq: this.#seq,
        item: this.#options.item,
        timeline: this.#options.timeline,
        spans,
        position: Math.round(position * 1000) / 1000,
        placement_no: this.#options.placementNo,
      },
      leaving,
    );
  }
}
