/**
 * The watch map on the client: whole seconds of one timeline that were really played, as sorted, disjoint
 * spans `[from, to)`. Union only: it is commutative, associative and idempotent, so the order of answers,
 * repeats and other devices cannot matter, and nothing here can shrink a map.
 */
export type Span = readonly [from: number, to: number];

/** Sorted, disjoint, non-empty spans covering exactly the seconds of `spans`. Touching spans become one. */
export function normalise(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(([from, to]) => to > from).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** The seconds that are in either map. */
export function union(a: readonly Span[], b: readonly Span[]): Span[] {
  if (a.length === 0) return normalise(b);
  if (b.length === 0) return normalise(a);
  return normalise([...a, ...b]);
}

/** How many seconds the spans cover, each counted once. */
export function coveredSeconds(spans: readonly Span[]): number {
  return normalise(spans).reduce((sum, [from, to]) => sum + (to - from), 0);
}

/** The part of the map inside `[from, to)`, in the timeline's own seconds. */
export function clip(spans: readonly Span[], from: number, to: number): Span[] {
  return normalise(spans.map(([a, b]) => [Math.max(a, from), Math.min(b, to)] as const));
}

/** The seconds of `[0, duration)` that the map does not have. */
export function gaps(spans: readonly Span[], duration: number): Span[] {
  const missing: Span[] = [];
  let cursor = 0;
  for (const [from, to] of clip(spans, 0, duration)) {
    if (from > cursor) missing.push([cursor, from]);
    cursor = to;
  }
  if (cursor < duration) missing.push([cursor, duration]);
  return missing;
}

/** Whether second `at` has been seen. */
export function contains(spans: readonly Span[], at: number): boolean {
  return spans.some(([from, to]) => from <= at && at < to);
}

/** Watched share in permille, rounded down as the server does, so the client never promises more than the truth. */
export function watchedPermille(spans: readonly Span[], durationSeconds: number): number {
  const whole = Math.floor(durationSeconds);
  if (whole <= 0) return 0;
  return Math.min(1000, Math.floor((coveredSeconds(clip(spans, 0, whole)) * 1000) / whole));
}

/** Spans as fractions of the duration, ready for drawing: `start` and `size` in 0..1. */
export function fractions(spans: readonly Span[], duration: number): { start: number; size: number }[] {
  if (!(duration > 0)) return [];
  return clip(spans, 0, duration).map(([from, to]) => ({ start: from / duration, size: (to - from) / duration }));
}
