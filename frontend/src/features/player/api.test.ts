import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/errors';
import { lessonGrants } from './api';
import { GrantKeeper, type Grant } from './grant';

const call = vi.hoisted(() => vi.fn());
vi.mock('@/api/client', () => ({ API: '/api/v1', call }));

const grant = (sid: string): Grant => ({
  sid,
  manifest_url: '/media/t/o/v/a/1/master.m3u8',
  poster_url: null,
  renew_at: '2026-01-01T10:05:00Z',
  expires_at: '2026-01-01T10:10:00Z',
  kind: 'cookie',
  query: null,
});

beforeEach(() => call.mockReset());

async function renewedAfter(refusal: ApiError): Promise<string> {
  const keeper = new GrantKeeper(lessonGrants('e', 'i'), vi.fn(), vi.fn());
  call.mockResolvedValueOnce(grant('first')).mockRejectedValueOnce(refusal).mockResolvedValueOnce(grant('second'));
  try {
    await keeper.open();
    return (await keeper.renew()).sid;
  } finally {
    keeper.close();
  }
}

describe('a renewal that is refused', () => {
  it('opens another session where it only came too early', async () => {
    const early = new ApiError({ status: 429, code: 'renewed_just_now', detail: 'A moment ago', retryAfterSeconds: 200 });
    expect(await renewedAfter(early)).toBe('second');
    expect(call.mock.calls.map(([, path]) => path as string)).toEqual([
      'enrollments/e/items/i/grant/',
      'playback-sessions/first/renewal/',
      'enrollments/e/items/i/grant/',
    ]);
  });

  it('waits where too much was asked for altogether', async () => {
    const limited = new ApiError({ status: 429, code: 'too_many_requests', detail: 'Too many tries' });
    await expect(renewedAfter(limited)).rejects.toMatchObject({ reason: 'busy' });
    expect(call).toHaveBeenCalledTimes(2);
  });
});
