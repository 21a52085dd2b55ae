import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setBoot } from '@/lib/boot';
import { call } from './client';
import { ApiError } from './errors';
import { again, moveIsOver, waitingWrites } from './patience';

const refusal = (status: number, code: string, retryAfter = '4') =>
  new Response(JSON.stringify({ status, code, title: 'Later', detail: 'Come back.' }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Retry-After': retryAfter },
  });
const taken = () => new Response(JSON.stringify({ ok: true }), { status: 200 });

let fetched: ReturnType<typeof vi.fn<typeof fetch>>;

beforeEach(() => {
  vi.useFakeTimers();
  fetched = vi.fn<typeof fetch>();
  vi.stubGlobal('fetch', fetched);
  setBoot({ csrf: 'token', me: null });
});
afterEach(() => {
  moveIsOver();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const code = (promise: Promise<unknown>) => promise.then(() => 'taken', (error: unknown) => (error instanceof ApiError ? error.code : 'other'));

describe('a write while the organization is being moved', () => {
  it('is kept, said to be waiting, sent again no sooner than asked, and taken', async () => {
    fetched.mockImplementationOnce(async () => refusal(503, 'organization_moving')).mockImplementation(async () => taken());
    const done = call('POST', 'notes/', { body: { words: 'typed' } });
    await vi.advanceTimersByTimeAsync(3_900);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(waitingWrites.now()).toEqual({ moving: true, writes: 1 });
    await vi.advanceTimersByTimeAsync(1_200);
    await expect(done).resolves.toEqual({ ok: true });
    expect(fetched.mock.calls.map(([, init]) => init?.body)).toEqual(['{"words":"typed"}', '{"words":"typed"}']);
    expect(waitingWrites.now()).toEqual({ moving: false, writes: 0 });
  });

  it('is refused after minutes, so that a page is not held for ever', async () => {
    fetched.mockImplementation(async () => refusal(503, 'organization_moving'));
    const done = code(call('PATCH', 'x/', { body: {} }));
    await vi.advanceTimersByTimeAsync(200_000);
    await expect(done).resolves.toBe('organization_moving');
    expect(waitingWrites.now().writes).toBe(0);
  });

  it('is left to whoever has a queue, and the page still says what happens', async () => {
    fetched.mockImplementation(async () => refusal(503, 'organization_moving'));
    await expect(code(call('PATCH', 'x/', { body: {}, patient: false }))).resolves.toBe('organization_moving');
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(waitingWrites.now()).toEqual({ moving: true, writes: 0 });
    await vi.advanceTimersByTimeAsync(8_100);
    expect(waitingWrites.now().moving).toBe(false);
  });

  it('ends with the page that made it', async () => {
    fetched.mockImplementation(async () => refusal(503, 'organization_moving'));
    const leaving = new AbortController();
    const done = code(call('POST', 'x/', { signal: leaving.signal }));
    await vi.advanceTimersByTimeAsync(100);
    leaving.abort();
    await expect(done).resolves.toBe('other');
    expect(waitingWrites.now().writes).toBe(0);
  });
});

describe('what is repeated by itself', () => {
  const error = (status: number, name: string, retryAfterSeconds?: number) => new ApiError({ status, code: name, detail: 'x', retryAfterSeconds });

  it('is what was put off undone, for a short while', () => {
    expect(again(error(429, 'rate_limited', 2), 0, 0)).toBeGreaterThanOrEqual(2000);
    expect(again(error(503, 'busy', 2), 2, 0)).toBeGreaterThanOrEqual(2000);
    expect(again(error(429, 'rate_limited', 2), 3, 0)).toBeNull();
    expect(again(error(429, 'rate_limited', 60), 0, 0)).toBeNull();
  });

  it('is nothing that may have happened, and no try at a secret', () => {
    for (const one of [error(500, 'http_500'), error(503, 'unavailable', 2), error(503, 'too_slow', 2), error(0, 'network'), error(429, 'too_many_requests', 2), error(409, 'busy')]) {
      expect(again(one, 0, 0)).toBeNull();
    }
  });
});
