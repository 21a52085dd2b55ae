import { describe, expect, it } from 'vitest';
import { backoffMs, failureOf, fingerprint, leftInWords, Pace, partVerdict, planParts, quarters, secondsLeft, sentInWords } from './model';

describe('upload model', () => {
  it('plans parts that cover the file once', () => {
    expect(planParts(25, 10)).toEqual([
      { number: 1, from: 0, to: 10 },
      { number: 2, from: 10, to: 20 },
      { number: 3, from: 20, to: 25 },
    ]);
    expect(planParts(20, 10)).toHaveLength(2);
    expect(planParts(1, 10)).toEqual([{ number: 1, from: 0, to: 1 }]);
  });

  it('marks a file shortly, and differently for another name, size or time', () => {
    const file = { name: `${'ä'.repeat(200)}.mp4`, size: 10 ** 12, lastModified: 1_700_000_000_000 };
    const mark = fingerprint(file);
    expect(mark.length).toBeLessThan(100);
    expect(fingerprint({ ...file })).toBe(mark);
    const others = [{ ...file, name: 'b.mp4' }, { ...file, size: 1 }, { ...file, lastModified: 1 }].map(fingerprint);
    expect(new Set([mark, ...others]).size).toBe(4);
  });

  it('waits longer each time, never in step, never over half a minute', () => {
    expect(backoffMs(1, () => 0)).toBe(400);
    expect(backoffMs(1, () => 1)).toBe(800);
    expect(backoffMs(30, () => 1)).toBe(30_000);
  });

  it('knows what to do about each answer of the store', () => {
    expect(partVerdict(0, true)).toBe('retry');
    expect(partVerdict(0, false)).toBe('offline');
    expect(partVerdict(403, true)).toBe('sign-again');
    expect(partVerdict(400, true)).toBe('retry');
    expect(partVerdict(503, true)).toBe('retry');
    expect(partVerdict(404, true)).toBe('give-up');
  });

  it('measures pace over the last seconds only', () => {
    const pace = new Pace(4_000);
    expect(pace.bytesPerSecond()).toBeNull();
    for (let second = 0; second <= 10; second += 1) pace.add(second * 1000, second < 6 ? second * 100 : 600 + (second - 6) * 1000);
    expect(pace.bytesPerSecond()).toBeCloseTo(1000, -2);
    expect(secondsLeft(5000, 1000)).toBe(5);
    expect(secondsLeft(5000, null)).toBeNull();
  });

  it('speaks plainly', () => {
    expect([3, 42, 100, 4000, 20_000].map(leftInWords)).toEqual(['a few seconds left', '50\u00a0s left', '2\u00a0min left', '67\u00a0min left', 'about 6\u00a0h left']);
    expect(sentInWords(612_000_000, 1_180_000_000)).toBe('612 of 1,180\u00a0MB');
    expect(sentInWords(6_100_000, 42_000_000)).toBe('6.1 of 42\u00a0MB');
    expect(failureOf(0, undefined, undefined).retryable).toBe(true);
    expect(failureOf(402, 'storage_full', 'There is room for 2 GB more.')).toMatchObject({ title: 'Not enough room', retryable: false });
  });

  it('draws any number of parts as four quarters', () => {
    expect(quarters([1, 1, 0.5, 0, 0, 0, 0, 0])).toEqual([1, 0.25, 0, 0]);
    expect(quarters([0.5])).toEqual([0.5]);
    expect(quarters([1, 0, 0])).toEqual([1, 0, 0]);
  });
});
