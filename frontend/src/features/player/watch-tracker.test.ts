import { describe, expect, it } from 'vitest';
import { union, type Span } from './ranges';
import { WatchTracker, type PlayedSpan } from './watch-tracker';

/** Plays from `from` to `to` with four ticks a second, as browsers report. */
function play(tracker: WatchTracker, from: number, to: number, clockMs: number, speed = 1): number {
  let now = clockMs;
  for (let time = from; time <= to + 1e-9; time += 0.25 * speed) {
    tracker.tick(time, speed, now);
    now += 250;
  }
  return now;
}

const map = (spans: readonly PlayedSpan[]): Span[] => union([], spans.map(([from, to]) => [from, to] as const));

describe('WatchTracker', () => {
  it('credits what was played, in whole seconds', () => {
    const tracker = new WatchTracker();
    play(tracker, 12.3, 15.8, 0);
    tracker.stop(15.8);
    expect(tracker.take()).toEqual([[12, 16, 1]]);
    expect(tracker.take()).toEqual([]);
  });

  it('neither loses nor repeats a second when reports cut a stretch in two', () => {
    const tracker = new WatchTracker();
    let now = play(tracker, 0, 7.6, 0);
    const first = tracker.take();
    now = play(tracker, 7.75, 14.4, now);
    const second = tracker.take();
    play(tracker, 14.5, 20, now);
    tracker.stop(20);
    const third = tracker.take();
    expect(map([...first, ...second, ...third])).toEqual([[0, 20]]);
    const seconds = [...first, ...second, ...third].reduce((sum, [from, to]) => sum + to - from, 0);
    expect(seconds).toBe(20);
  });

  it('gives no credit for a jump, announced or not', () => {
    const tracker = new WatchTracker();
    const now = play(tracker, 0, 5, 0);
    tracker.stop();
    tracker.tick(300, 1, now);
    const later = play(tracker, 300, 303, now);
    tracker.tick(900, 1, later + 250);
    tracker.tick(901, 1, later + 1250);
    tracker.stop();
    expect(map(tracker.take())).toEqual([[0, 5], [300, 303], [900, 901]]);
  });

  it('accepts the late ticks of a tab in the background', () => {
    const tracker = new WatchTracker();
    tracker.tick(10, 2, 0);
    tracker.tick(30, 2, 10_000);
    tracker.tick(150, 2, 70_000);
    tracker.stop();
    expect(tracker.take()).toEqual([[10, 150, 2]]);
  });

  it('keeps stretches of different speed apart', () => {
    const tracker = new WatchTracker();
    const now = play(tracker, 0, 4, 0);
    play(tracker, 4.25, 12, now, 2);
    tracker.stop(12);
    const spans = tracker.take();
    expect(spans.map(([, , speed]) => speed)).toEqual([1, 2]);
    expect(map(spans)).toEqual([[0, 12]]);
  });

  it('shows what is played and not yet reported', () => {
    const tracker = new WatchTracker();
    play(tracker, 0, 3, 0);
    expect(tracker.pending()).toEqual([[0, 3]]);
    tracker.take();
    expect(tracker.pending()).toEqual([]);
  });
});
