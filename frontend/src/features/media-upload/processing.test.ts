import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProcessedAsset } from './api';
import { isSettled, ProcessingPoller } from './processing';

const asset = (id: string, state: ProcessedAsset['state'], permille: number | null = null): ProcessedAsset => ({
  id,
  title: id,
  state,
  stage: permille === null ? null : { name: 'ladder', progress_permille: permille },
  error: null,
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('ProcessingPoller', () => {
  it('asks once for all, more rarely while nothing moves, and stops when all is done', async () => {
    const asked: string[][] = [];
    let answer = [asset('a', 'processing', 10), asset('b', 'processing', 10)];
    const heard = vi.fn();
    const poller = new ProcessingPoller(heard, {
      read: async (ids) => {
        asked.push([...ids]);
        return answer.filter((one) => ids.includes(one.id));
      },
      visible: () => true,
    });
    poller.watch('a');
    poller.watch('b');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toEqual([['a', 'b']]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.length).toBeLessThan(12);
    answer = [asset('a', 'ready'), asset('b', 'failed')];
    await vi.advanceTimersByTimeAsync(15_000);
    const sofar = asked.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked.length).toBe(sofar);
    expect(heard).toHaveBeenLastCalledWith(answer);
  });

  it('rests while the tab is hidden and asks at once on return', async () => {
    let visible = false;
    const read = vi.fn(async () => [asset('a', 'processing', 1)]);
    const poller = new ProcessingPoller(vi.fn(), { read, visible: () => visible });
    poller.watch('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).not.toHaveBeenCalled();
    visible = true;
    poller.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(read).toHaveBeenCalledTimes(1);
    poller.stop();
  });

  it('outlives a server that does not answer', async () => {
    let fails = true;
    const heard = vi.fn();
    const poller = new ProcessingPoller(heard, {
      read: async () => {
        if (fails) throw new Error('no answer');
        return [asset('a', 'ready')];
      },
      visible: () => true,
    });
    poller.watch('a');
    await vi.advanceTimersByTimeAsync(10_000);
    fails = false;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('knows the end when it sees it', () => {
    expect(isSettled(asset('a', 'playable', 400))).toBe(false);
    expect(isSettled({ ...asset('a', 'playable'), error: { code: 'x', title: 'x', detail: '' } })).toBe(true);
  });
});
