import { describe, expect, it, vi } from 'vitest';
import type { BeaconAnswer } from '@/lib/beacon';
import { MemoryList } from '@/lib/idb-queue';
import { BeaconQueue, verdict, type PlayBeacon, type Send, type WaitingBeacon } from './beacon-queue';

const beacon = (seq: number, session = 'a'): PlayBeacon => ({
  play_session: session,
  seq,
  item: 'item',
  timeline: 'timeline',
  spans: [[seq * 10, seq * 10 + 10, 1]],
  position: seq * 10 + 10,
  placement_no: 1,
});
const answer = (status: number, body: unknown = { ok: true }): BeaconAnswer => ({ status, body, retryAfterSeconds: null });

/** A server that unites spans by (session, seq), like the real one, and can be unplugged. */
class Server {
  readonly applied = new Map<string, PlayBeacon>();
  readonly arrivals: string[] = [];
  status = 200;
  retryAfterSeconds: number | null = null;
  refuse = new Map<number, number>();

  send: Send = async (_enrollment, message) => {
    await Promise.resolve();
    const status = this.refuse.get(message.seq) ?? this.status;
    if (status === 0) return answer(0);
    this.arrivals.push(`${message.play_session}${message.seq}`);
    if (status === 200) this.applied.set(`${message.play_session}${message.seq}`, message);
    return { ...answer(status), retryAfterSeconds: this.retryAfterSeconds };
  };
}

function setUp(list = new MemoryList<WaitingBeacon>(), member = 'me') {
  const server = new Server();
  const answers: string[] = [];
  const waiting: number[] = [];
  const queue = new BeaconQueue({
    member,
    list,
    send: server.send,
    onAnswer: (enrollment, item) => answers.push(`${enrollment}/${item}`),
    onWaiting: (count) => waiting.push(count),
  });
  return { server, queue, list, answers, waiting };
}

describe('BeaconQueue', () => {
  it('delivers in order and forgets what was answered', async () => {
    const { server, queue, list, answers } = setUp();
    await Promise.all([queue.add('e', beacon(1)), queue.add('e', beacon(2)), queue.add('e', beacon(3))]);
    await queue.drain();
    expect(server.arrivals).toEqual(['a1', 'a2', 'a3']);
    expect(answers).toHaveLength(3);
    expect(await list.all()).toEqual([]);
  });

  it('keeps everything while the network is gone and replays it oldest first', async () => {
    vi.useFakeTimers();
    const { server, queue, list, waiting } = setUp();
    server.status = 0;
    await queue.add('e', beacon(1));
    await queue.add('e', beacon(2));
    expect(await list.all()).toHaveLength(2);
    expect(waiting.at(-1)).toBe(2);
    server.status = 200;
    await queue.drain();
    expect(server.arrivals).toEqual(['a1', 'a2']);
    expect(await list.all()).toEqual([]);
    expect(waiting.at(-1)).toBe(0);
    vi.useRealTimers();
  });

  it('tries again by itself', async () => {
    vi.useFakeTimers();
    const { server, queue } = setUp();
    server.status = 503;
    await queue.add('e', beacon(1));
    server.status = 200;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.applied.has('a1')).toBe(true);
    vi.useRealTimers();
  });

  it.each([429, 503])('loses nothing to a %d: it waits as long as it was asked to, and asks nothing meanwhile', async (status) => {
    vi.useFakeTimers();
    const { server, queue, list, waiting } = setUp();
    server.status = status;
    server.retryAfterSeconds = 20;
    await queue.add('e', beacon(1));
    expect(server.arrivals).toEqual(['a1']);
    await list.put({ member: 'me', enrollment: 'e', queued_at: Date.now(), beacon: beacon(2) });
    await vi.advanceTimersByTimeAsync(19_900);
    expect(server.arrivals).toEqual(['a1']);
    expect(waiting.at(-1)).toBe(1);
    server.status = 200;
    await vi.advanceTimersByTimeAsync(5_200);
    expect([...server.applied.keys()]).toEqual(['a1', 'a2']);
    expect(await list.all()).toEqual([]);
    expect(waiting.at(-1)).toBe(0);
    vi.useRealTimers();
  });

  it('replays at the next start what a closed tab left behind', async () => {
    vi.useFakeTimers();
    const list = new MemoryList<WaitingBeacon>();
    const before = setUp(list);
    before.server.status = 0;
    await before.queue.add('e', beacon(1));
    before.queue.stop();
    const after = setUp(list);
    await after.queue.drain();
    expect(after.server.arrivals).toEqual(['a1']);
    vi.useRealTimers();
  });

  it('sends the last report at once when the page goes, and a repeat changes nothing', async () => {
    const { server, queue, list } = setUp();
    await Promise.all([queue.add('e', beacon(1), { leaving: true }), queue.add('e', beacon(1))]);
    await queue.drain();
    expect([...server.applied.keys()]).toEqual(['a1']);
    expect(await list.all()).toEqual([]);
  });

  it('never sends reports of another member as ours', async () => {
    const list = new MemoryList<WaitingBeacon>();
    await list.put({ member: 'someone', enrollment: 'e', queued_at: Date.now(), beacon: beacon(9) });
    const { server, queue } = setUp(list);
    await queue.add('e', beacon(1));
    expect(server.arrivals).toEqual(['a1']);
    expect(await list.all()).toHaveLength(1);
  });

  it('drops what the server will never take, and does not let one bad report hold up the rest', async () => {
    vi.useFakeTimers();
    const { server, queue, list } = setUp();
    server.status = 0;
    await queue.add('e', beacon(1));
    await queue.add('e', beacon(2));
    await queue.add('e', beacon(3));
    server.status = 200;
    server.refuse.set(1, 422).set(2, 500);
    await queue.drain();
    expect([...server.applied.keys()]).toEqual(['a3']);
    expect((await list.all()).map((entry) => entry.value.beacon.seq)).toEqual([2]);
    vi.useRealTimers();
  });

  it('forgets reports older than thirty days', async () => {
    const list = new MemoryList<WaitingBeacon>();
    await list.put({ member: 'me', enrollment: 'e', queued_at: Date.now() - 31 * 24 * 3600 * 1000, beacon: beacon(1) });
    const { server, queue } = setUp(list);
    await queue.drain();
    expect(server.arrivals).toEqual([]);
    expect(await list.all()).toEqual([]);
  });

  it('knows which answers are worth waiting for', () => {
    expect([200, 201].map(verdict)).toEqual(['accepted', 'accepted']);
    expect([0, 401, 403, 429, 500, 503].map(verdict)).toEqual(Array(6).fill('later'));
    expect([400, 404, 409, 422].map(verdict)).toEqual(Array(4).fill('refused'));
  });
});
