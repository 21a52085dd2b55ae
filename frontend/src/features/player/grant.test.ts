import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GrantKeeper, GrantRefused, renewalDelay, withGrant, type Grant } from './grant';

const grant = (sid: string, over: Partial<Grant> = {}): Grant => ({
  sid,
  manifest_url: '/media/t/o/v/a/1/master.m3u8',
  poster_url: null,
  renew_at: '2026-01-01T10:05:00Z',
  expires_at: '2026-01-01T10:10:00Z',
  kind: 'cookie',
  query: null,
  ...over,
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('GrantKeeper', () => {
  it('renews at half-life whatever the clock of the device says', async () => {
    vi.setSystemTime(new Date('2031-05-05'));
    expect(renewalDelay(grant('1'))).toBe(300_000);
    const renewed: string[] = [];
    const keeper = new GrantKeeper({ obtain: async () => grant('1'), renew: async () => grant('2') }, (next) => renewed.push(next.sid), vi.fn());
    await keeper.open();
    await vi.advanceTimersByTimeAsync(299_000);
    expect(renewed).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(renewed).toEqual(['2']);
    keeper.close();
  });

  it('shares one renewal between everybody who asks', async () => {
    const renew = vi.fn(async () => grant('2'));
    const keeper = new GrantKeeper({ obtain: async () => grant('1'), renew }, vi.fn(), vi.fn());
    await keeper.open();
    await Promise.all([keeper.renew(), keeper.renew(), keeper.renew()]);
    expect(renew).toHaveBeenCalledTimes(1);
    keeper.close();
  });

  it('waits through a lost network, and says when the right is gone', async () => {
    const refused = vi.fn();
    const answers: (Grant | GrantRefused)[] = [new GrantRefused('network'), grant('2'), new GrantRefused('signed-out')];
    const renew = async () => {
      const next = answers.shift()!;
      if (next instanceof GrantRefused) throw next;
      return next;
    };
    const renewed = vi.fn();
    const keeper = new GrantKeeper({ obtain: async () => grant('1'), renew }, renewed, refused);
    await keeper.open();
    await vi.advanceTimersByTimeAsync(301_000);
    expect(refused).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(renewed).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(301_000);
    expect(refused).toHaveBeenCalledTimes(1);
    keeper.close();
  });

  it('asks anew when the session lapsed but the right is still there', async () => {
    const obtain = vi.fn(async () => grant('1'));
    const keeper = new GrantKeeper({ obtain, renew: async () => Promise.reject(new GrantRefused('ended')) }, vi.fn(), vi.fn());
    await keeper.open();
    await keeper.renew();
    expect(obtain).toHaveBeenCalledTimes(2);
    keeper.close();
  });

  it('catches up after the device slept', async () => {
    const renew = vi.fn(async () => grant('2'));
    let now = 0;
    const keeper = new GrantKeeper({ obtain: async () => grant('1'), renew }, vi.fn(), vi.fn(), () => false, () => now);
    await keeper.open();
    now = 60_000;
    keeper.wake();
    expect(renew).not.toHaveBeenCalled();
    now = 3_600_000;
    keeper.wake();
    expect(renew).toHaveBeenCalledTimes(1);
    keeper.close();
  });
});

describe('query grants', () => {
  const query = grant('1', { kind: 'query', query: 'Policy=p&Signature=s&Key-Pair-Id=k' });

  it('go on every address once, however often it is retried', () => {
    const once = withGrant('/media/seg.m4s', query);
    expect(once).toBe('/media/seg.m4s?Policy=p&Signature=s&Key-Pair-Id=k');
    expect(withGrant(once, grant('2', { kind: 'query', query: 'Policy=q&Signature=t&Key-Pair-Id=k' }))).toBe(
      '/media/seg.m4s?Policy=q&Signature=t&Key-Pair-Id=k',
    );
    expect(withGrant('/media/seg.m4s?v=1', query)).toBe('/media/seg.m4s?v=1&Policy=p&Signature=s&Key-Pair-Id=k');
  });

  it('leave cookie grants alone', () => {
    expect(withGrant('/media/seg.m4s', grant('1'))).toBe('/media/seg.m4s');
  });
});
