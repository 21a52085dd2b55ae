import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/errors';
import { retries, retryDelay } from './query';

const refused = (status: number, retryAfterSeconds?: number) => new ApiError({ status, code: 'x', detail: 'x', retryAfterSeconds });

describe('retries', () => {
  it('asks again for what may pass, twice', () => {
    for (const error of [new Error('no answer'), refused(0), refused(503), refused(503, 1), refused(429, 2)]) {
      expect([0, 1, 2].map((failures) => retries(failures, error))).toEqual([true, true, false]);
    }
  });

  it('does not for a refusal, nor where the server asks for a long wait', () => {
    for (const error of [refused(403), refused(404), refused(422), refused(429, 1800)]) expect(retries(0, error)).toBe(false);
  });
});

describe('retryDelay', () => {
  it('waits at least as long as the server asked, and not all for the same time', () => {
    const waits = Array.from({ length: 50 }, () => retryDelay(0, refused(429, 2)));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2500);
    expect(new Set(waits).size).toBeGreaterThan(1);
  });

  it('doubles where nothing was asked', () => {
    expect([0, 1, 2].map((failures) => retryDelay(failures, refused(500)))).toEqual([1000, 2000, 4000]);
  });
});
