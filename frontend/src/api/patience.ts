import { ApiError } from './errors';

/**
 * Writes that the server put off before it did anything of them: repeating them is safe, and it said when to come back.
 * While an organization is being moved each of its writes is put off for a few seconds; a limit of requests, or a full
 * server, for one or two.
 */
const MOVING = 'organization_moving';
const BUSY: ReadonlySet<string> = new Set(['rate_limited', 'busy']);

/** A move's writes wait about a minute; after this the call fails, and what was typed is still on the page. */
const LONGEST_MOVE_MS = 180_000;
/** Whoever is asked to wait for longer is told so instead. */
const LONGEST_BUSY_SECONDS = 10;
const BUSY_TRIES = 3;
const DEFAULT_SECONDS = 5;

export const isMoving = (error: ApiError) => error.status === 503 && error.code === MOVING;

/** Milliseconds until a write that failed is tried again by itself (a little later each, not all at once), or null. */
export function again(error: unknown, tries: number, waitedMs: number): number | null {
  if (!(error instanceof ApiError)) return null;
  const seconds = error.retryAfterSeconds ?? DEFAULT_SECONDS;
  const later = seconds * 1000 * (1 + Math.random() / 4);
  if (isMoving(error)) return waitedMs + later <= LONGEST_MOVE_MS ? later : null;
  if (!BUSY.has(error.code) || (error.status !== 429 && error.status !== 503)) return null;
  return tries < BUSY_TRIES && seconds <= LONGEST_BUSY_SECONDS ? later : null;
}

export interface Waiting {
  /** The organization is being moved, as far as this page knows. */
  moving: boolean;
  /** Writes that are kept here until they can be repeated. */
  writes: number;
}

const NOTHING: Waiting = { moving: false, writes: 0 };
let state: Waiting = NOTHING;
let forget: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function become(next: Waiting): void {
  if (next.moving === state.moving && next.writes === state.writes) return;
  state = next;
  for (const listener of listeners) listener();
}

export const waitingWrites = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** The same object until something changed. */
  now: (): Waiting => state,
};

/** A write was refused because of the move. Without news for twice the time that was asked, it is taken to be over. */
export function sawMove(error: ApiError): void {
  become({ ...state, moving: true });
  clearTimeout(forget);
  forget = setTimeout(moveIsOver, (error.retryAfterSeconds ?? DEFAULT_SECONDS) * 2000);
}

/** A write was taken: whatever moved has arrived. */
export function moveIsOver(): void {
  clearTimeout(forget);
  become({ ...state, moving: false });
}

/** Waits, counted, so that the page can say so and asks before it is closed. An aborted call ends at once. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  become({ ...state, writes: state.writes + 1 });
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError'));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  } finally {
    become({ ...state, writes: state.writes - 1 });
  }
}
