import { describe, expect, it } from 'vitest';
import { clip, contains, coveredSeconds, fractions, gaps, normalise, union, watchedPermille, type Span } from './ranges';

/** A small deterministic generator, so that a failure can be looked at again. */
function generator(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function randomSpans(next: (below: number) => number): Span[] {
  return Array.from({ length: next(8) }, () => {
    const from = next(100);
    return [from, from + next(20)] as const;
  });
}

const seconds = (spans: readonly Span[]) => new Set(spans.flatMap(([from, to]) => Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)));

describe('ranges', () => {
  it('keeps spans sorted, disjoint and joined where they touch', () => {
    expect(normalise([[5, 9], [0, 2], [2, 3], [8, 12], [20, 20]])).toEqual([[0, 3], [5, 12]]);
  });

  it('unites like sets of seconds do: in any order, any number of times', () => {
    const next = generator(7);
    for (let round = 0; round < 300; round += 1) {
      const [a, b, c] = [randomSpans(next), randomSpans(next), randomSpans(next)];
      const left = union(union(a, b), c);
      expect(left).toEqual(union(a, union(b, c)));
      expect(left).toEqual(union(union(c, b), union(a, a)));
      expect(seconds(left)).toEqual(new Set([...seconds(a), ...seconds(b), ...seconds(c)]));
      expect(coveredSeconds(left)).toBe(seconds(left).size);
    }
  });

  it('finds the gaps, which with the map make the whole', () => {
    const next = generator(11);
    for (let round = 0; round < 100; round += 1) {
      const spans = randomSpans(next);
      expect(union(clip(spans, 0, 90), gaps(spans, 90))).toEqual([[0, 90]]);
    }
  });

  it('answers whether a second was seen', () => {
    expect(contains([[3, 5]], 3)).toBe(true);
    expect(contains([[3, 5]], 5)).toBe(false);
  });

  it('never rounds the share up', () => {
    expect(watchedPermille([[0, 899]], 1000)).toBe(899);
    expect(watchedPermille([[0, 8999]], 10_000)).toBe(899);
    expect(watchedPermille([[0, 5000]], 1000)).toBe(1000);
    expect(watchedPermille([[0, 5]], 0)).toBe(0);
  });

  it('draws fractions of the duration', () => {
    expect(fractions([[0, 25], [50, 200]], 100)).toEqual([{ start: 0, size: 0.25 }, { start: 0.5, size: 0.5 }]);
    expect(fractions([[0, 5]], 0)).toEqual([]);
  });
});
