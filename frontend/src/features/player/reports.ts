import { takeAnswer, type CompletionAnswer } from '@/api/learning';
import { boot } from '@/lib/boot';
import { openList } from '@/lib/idb-queue';
import { sendPlayBeacon } from './api';
import { BeaconQueue, type PlayBeacon, type WaitingBeacon } from './beacon-queue';
import type { Span } from './ranges';

type Listener = (item: string, watched: readonly Span[]) => void;

const listeners = new Set<Listener>();
let waiting = 0;
const waitingListeners = new Set<() => void>();
let opened: Promise<BeaconQueue | null> | null = null;

function isAnswer(body: unknown): body is CompletionAnswer {
  return typeof body === 'object' && body !== null && 'progress' in body && 'item_state' in body;
}

async function open(): Promise<BeaconQueue | null> {
  const member = boot().me?.member.id;
  if (!member) return null;
  const queue = new BeaconQueue({
    member,
    list: await openList<WaitingBeacon>('beacons'),
    send: sendPlayBeacon,
    onAnswer: (enrollment, item, body) => {
      if (!isAnswer(body)) return;
      takeAnswer(enrollment, item, body);
      for (const listener of listeners) listener(item, body.watched ?? []);
    },
    onWaiting: (count) => {
      waiting = count;
      for (const listener of waitingListeners) listener();
    },
  });
  window.addEventListener('online', () => void queue.drain());
  return queue;
}

/**
 * The reports of this page and of pages that were closed before theirs got out. Call once at the start of the
 * surface: what waits from last time is replayed then.
 */
export async function startReports(): Promise<void> {
  opened ??= open();
  await (await opened)?.drain();
}

/** Hands a report over; never rejects. */
export function report(enrollment: string, beacon: PlayBeacon, leaving: boolean): void {
  opened ??= open();
  void opened.then((queue) => queue?.add(enrollment, beacon, { leaving })).catch(() => undefined);
}

/** Tells of every map the server answers with. */
export function onWatched(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How many reports wait for the network; for "kept here" in the interface. */
export const waitingReports = {
  get: (): number => waiting,
  subscribe: (listener: () => void): (() => void) => {
    waitingListeners.add(listener);
    return () => waitingListeners.delete(listener);
  },
};
