import type { SignUpStatus, SignUpStep } from '@/api/types';
import type { TrackSegment } from '@/ui/track';

const STARTED = 'sign-up-started';

/** The code was accepted now; survives a reload, so the running time stays true. */
export function markStarted(): void {
  sessionStorage.setItem(STARTED, String(Date.now()));
}

export function startedAt(): number {
  const saved = Number(sessionStorage.getItem(STARTED));
  return saved > 0 ? saved : Date.now();
}

/** One segment a step; the running one is half full, because nobody knows better. */
export function stepSegments(steps: readonly SignUpStep[]): TrackSegment[] {
  return steps.map((step) => ({
    key: step.name,
    weight: 1,
    tone: step.state === 'failed' ? 'danger' : 'progress',
    spans: step.state === 'done' || step.state === 'failed' ? [[0, 1]] : step.state === 'running' ? [[0, 0.5]] : [],
  }));
}

/** Milliseconds a finished step took, as the server saw it: since the step before it was finished. */
export function tookOf(steps: readonly SignUpStep[], index: number): number | null {
  const end = steps[index]?.finished_at;
  const start = index > 0 ? steps[index - 1]?.finished_at : null;
  if (!end || !start) return null;
  return Math.max(0, new Date(end).getTime() - new Date(start).getTime());
}

/** Which step is going on, counted from one; the last when all are done. */
export function currentStep(steps: readonly SignUpStep[]): number {
  const open = steps.findIndex((step) => step.state !== 'done');
  return open === -1 ? steps.length : open + 1;
}

/** Milliseconds until the next look: quick at first, since most organizations are there within a second. */
export function pollAfter(elapsed: number): number {
  if (elapsed < 2_000) return 150;
  if (elapsed < 10_000) return 500;
  return 1_500;
}

/** Where the organization's own host takes over without a second login. */
export function handOverStart(status: SignUpStatus): string | null {
  return status.studio_url ? new URL('/hand-over/start/', status.studio_url).href : null;
}
