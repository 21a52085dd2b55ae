import { t } from '@lingui/core/macro';

/** Pure rules of an upload: parts, pace, waiting times, and what is said when something fails. */

export type UploadStage =
  /** Chosen, waits for its turn. */
  | 'queued'
  /** The server reserves room. */
  | 'preparing'
  | 'sending'
  | 'paused'
  /** No network: goes on by itself. */
  | 'offline'
  /** A reload cut it off; needs the same file again. */
  | 'interrupted'
  /** All bytes are there; the server puts them together and checks them. */
  | 'completing'
  /** The server makes it playable. */
  | 'processing'
  | 'ready'
  | 'failed'
  | 'cancelled';

export interface Part {
  number: number;
  from: number;
  to: number;
}

/** The parts of a file, numbered from 1 as S3 does. The last is shorter; a file has at least one part. */
export function planParts(sizeBytes: number, partBytes: number): Part[] {
  const parts: Part[] = [];
  for (let from = 0, number = 1; from < sizeBytes || number === 1; from += partBytes, number += 1) {
    parts.push({ number, from, to: Math.min(from + partBytes, sizeBytes) });
  }
  return parts;
}

/**
 * What makes "the same file" after a reload: browsers show a page neither path nor content. Name, size and time of
 * change, the name as a hash so that the mark stays short (64-bit FNV-1a; it only has to tell one person's files apart).
 */
export function fingerprint(file: { name: string; size: number; lastModified: number }): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(file.name)) {
    hash ^= BigInt(byte);
    hash = BigInt.asUintN(64, hash * 0x100000001b3n);
  }
  return `${hash.toString(16).padStart(16, '0')}-${file.size}-${file.lastModified}`;
}

const FIRST_WAIT_MS = 800;
const LAST_WAIT_MS = 30_000;

/** How long to wait before try `attempt` (1, 2, …): doubles, with jitter so that parts do not march in step. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LAST_WAIT_MS);
  return full / 2 + (full / 2) * random();
}

/** What to do about a part that did not arrive. */
export type PartVerdict = 'sign-again' | 'retry' | 'offline' | 'give-up';

/** `status` is the HTTP status of the PUT, 0 when no answer came. */
export function partVerdict(status: number, online: boolean): PartVerdict {
  if (status === 0) return online ? 'retry' : 'offline';
  // The signature ran out or the clock moved; 400 covers a body cut short on the way (checksum or length mismatch).
  if (status === 403) return 'sign-again';
  if (status === 400 || status === 408 || status === 429 || status >= 500) return 'retry';
  return 'give-up';
}

/** Bytes per second over the last seconds, from cumulative samples; smooth enough to read, quick enough to believe. */
export class Pace {
  readonly #samples: { at: number; bytes: number }[] = [];
  readonly #windowMs: number;

  constructor(windowMs = 8_000) {
    this.#windowMs = windowMs;
  }

  add(atMs: number, bytes: number): void {
    this.#samples.push({ at: atMs, bytes });
    while (this.#samples.length > 2 && atMs - this.#samples[0]!.at > this.#windowMs) this.#samples.shift();
  }

  reset(): void {
    this.#samples.length = 0;
  }

  bytesPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 500) return null;
    return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at));
  }
}

/** Seconds left at this pace; null while nobody can know. */
export function secondsLeft(bytesLeft: number, bytesPerSecond: number | null): number | null {
  if (bytesPerSecond === null || bytesPerSecond < 1) return null;
  return bytesLeft / bytesPerSecond;
}

const MINUTE = 60;
const HOUR = 3600;
const NBSP = '\u00a0';

/** "2 min left", "about 1 h left", "a few seconds left". */
export function leftInWords(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 10) return t`a few seconds left`;
  if (seconds < MINUTE) return t`${Math.ceil(seconds / 10) * 10}\u00a0s left`;
  if (seconds < 90 * MINUTE) return t`${Math.ceil(seconds / MINUTE)}\u00a0min left`;
  return t`about ${Math.round(seconds / HOUR)}\u00a0h left`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** "612 of 1,180 MB": both in the unit of the total. */
export function sentInWords(sent: number, total: number): string {
  const unit = total >= 999_500_000_000 ? 4 : total >= 9_995_000_000 ? 3 : total >= 999_500 ? 2 : 1;
  const divisor = 1000 ** unit;
  const show = (value: number) =>
    (value / divisor).toLocaleString('en-GB', { maximumFractionDigits: total / divisor >= 100 ? 0 : 1 });
  return `${show(sent)} of ${show(total)}${NBSP}${UNITS[unit - 1]}`;
}

/** Share sent of each quarter of the file, for the four-part Track of the tray. */
export function quarters(fractions: readonly number[]): number[] {
  const groups = Math.min(4, Math.max(1, fractions.length));
  const sums = Array.from({ length: groups }, () => ({ sum: 0, count: 0 }));
  fractions.forEach((value, index) => {
    const group = sums[Math.min(groups - 1, Math.floor((index * groups) / fractions.length))]!;
    group.sum += value;
    group.count += 1;
  });
  return sums.map(({ sum, count }) => (count === 0 ? 0 : sum / count));
}

export interface Failure {
  title: string;
  detail: string;
  /** Whether trying the same file again can help. */
  retryable: boolean;
  /** The plan has no room for it: a larger one would. */
  planFull?: boolean;
}

/** A refusal of our server in words; problem details are written for people already, so they win. */
export function failureOf(status: number, code: string | undefined, detail: string | undefined): Failure {
  if (status === 0) {
    return { title: t`No connection`, detail: t`The upload stopped because the network went away. What was sent is kept.`, retryable: true };
  }
  if (status === 401) return { title: t`Signed out`, detail: t`Sign in again, then go on. What was sent is kept.`, retryable: true };
  if (status === 404 || status === 410) {
    return { title: t`The upload expired`, detail: t`It was left for too long, so its parts were removed. Start it again.`, retryable: true };
  }
  if (detail) {
    const planFull = code === 'quota_exceeded' || code === 'not_in_plan';
    return { title: titleFor(code, status), detail, retryable: status >= 500, ...(planFull ? { planFull } : {}) };
  }
  if (status >= 500) {
    return { title: t`The server had a fault`, detail: t`What was sent is kept. Try again in a minute.`, retryable: true };
  }
  return { title: t`The upload was refused`, detail: t`The server answered ${status}.`, retryable: false };
}

function titleFor(code: string | undefined, status: number): string {
  if (code?.includes('quota') || code?.includes('storage') || status === 402) return t`Not enough room`;
  if (code?.includes('type') || code?.includes('format') || code?.includes('empty') || status === 415 || status === 422) return t`Not a file we can use`;
  if (code?.includes('too_large') || status === 413) return t`The file is too large`;
  if (status === 403) return t`Not allowed`;
  return t`The upload was refused`;
}
