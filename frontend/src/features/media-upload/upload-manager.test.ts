import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { setBoot } from '@/lib/boot';
import { MemoryList } from '@/lib/idb-queue';
import { FakeStore } from '@/test/fake-store';
import { uploadApi } from './api';
import { digestPart, putPart } from './browser';
import type { JobView, UploadRecord } from './types';
import { PARALLEL_PARTS } from './upload-job';
import { UploadManager } from './upload-manager';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterAll(() => server.close());
afterEach(() => server.resetHandlers());

const PART = 1000;
const bytesOf = (count: number) => Uint8Array.from({ length: count }, (_, index) => (index * 31 + (index >> 8)) % 251);
const fileOf = (count: number, name = 'film.mp4') => new File([bytesOf(count)], name, { type: 'video/mp4', lastModified: 1_700_000_000_000 });

let store: FakeStore;
let online = true;
let backOnline: (() => void)[] = [];

function network(isOnline: boolean): void {
  online = isOnline;
  if (isOnline) for (const resume of backOnline.splice(0)) resume();
}

function managerWith(records = new MemoryList<UploadRecord>()) {
  const manager = new UploadManager({
    api: uploadApi,
    put: putPart,
    digest: digestPart,
    online: () => online,
    whenOnline: () => new Promise((resolve) => backOnline.push(resolve)),
    sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
    now: Date.now,
    records,
  });
  return { manager, records };
}

async function until(manager: UploadManager, test: (view: JobView) => boolean, key?: string): Promise<JobView> {
  return vi.waitFor(
    () => {
      const view = key ? manager.views().find((candidate) => candidate.key === key) : manager.views()[0];
      if (!view || !test(view)) throw new Error(`still ${view?.stage}`);
      return view;
    },
    { timeout: 15_000, interval: 5 },
  );
}
const inStage = (stage: JobView['stage']) => (view: JobView) => view.stage === stage;

beforeEach(() => {
  setBoot({ csrf: 'token' });
  online = true;
  backOnline = [];
  store = new FakeStore(PART);
  server.use(...store.handlers());
});

describe('UploadManager', () => {
  it('sends a file whole, four parts at a time, each with its checksum', async () => {
    const { manager, records } = managerWith();
    // The first wait until as many are on their way as may be, however long each takes to get there.
    const first: (() => void)[] = [];
    store.gate = () =>
      new Promise((resolve) => {
        if (first.push(resolve) < PARALLEL_PARTS) return;
        setTimeout(() => {
          for (const release of first) release();
        }, 5);
      });
    const done: string[] = [];
    manager.onCompleted((asset) => done.push(asset));
    manager.add([fileOf(9500)]);
    const view = await until(manager, inStage('processing'));
    expect(store.bytes()).toEqual(bytesOf(9500));
    expect(store.mostInFlight).toBe(PARALLEL_PARTS);
    expect(store.puts).toHaveLength(10);
    expect(view).toMatchObject({ sentBytes: 9500, assetId: 'asset1', failure: null });
    await vi.waitFor(() => expect(done).toEqual(['asset1']), { timeout: 15_000 });
    expect(await records.all()).toEqual([]);
  });

  it('sends again what the store refused or lost, with a new signature after a 403', async () => {
    const { manager } = managerWith();
    store.trouble = [503, 403, 400, 500];
    manager.add([fileOf(4200)]);
    await until(manager, inStage('processing'));
    expect(store.bytes()).toEqual(bytesOf(4200));
    expect(store.puts).toHaveLength(5 + 4);
  });

  it('gives up on a part in words, and goes on from there when asked', async () => {
    const { manager } = managerWith();
    store.trouble = Array(200).fill(503);
    manager.add([fileOf(3000)]);
    const failed = await until(manager, inStage('failed'));
    expect(failed.failure).toMatchObject({ retryable: true });
    expect(failed.failure!.detail).not.toBe('');
    store.trouble = [];
    manager.resume(failed.key);
    await until(manager, inStage('processing'));
    expect(store.bytes()).toEqual(bytesOf(3000));
  });

  it('pauses at once, keeps the parts that arrived, and sends only the rest', async () => {
    const { manager } = managerWith();
    let arrived = 0;
    const held: (() => void)[] = [];
    store.gate = () => {
      arrived += 1;
      return arrived <= 3 ? Promise.resolve() : new Promise((resolve) => held.push(resolve));
    };
    manager.add([fileOf(8000)]);
    const view = await until(manager, (candidate) => candidate.stage === 'sending' && candidate.parts.filter((share) => share === 1).length >= 3 && held.length > 0);
    expect(manager.busy()).toBe(true);
    manager.pause(view.key);
    const paused = await until(manager, inStage('paused'));
    expect(manager.busy()).toBe(false);
    expect(paused.sentBytes).toBe(3000);
    store.gate = () => Promise.resolve();
    for (const release of held.splice(0)) release();
    await new Promise((resolve) => setTimeout(resolve, 30));
    const before = store.puts.length;
    manager.resume(view.key);
    await until(manager, inStage('processing'));
    expect(store.bytes()).toEqual(bytesOf(8000));
    expect(store.puts.length - before).toBeLessThanOrEqual(5);
  });

  it('waits for the network and goes on by itself', async () => {
    const { manager } = managerWith();
    store.gate = async () => {
      if (store.received.size >= 2) network(false);
      if (!online) store.trouble = [0];
    };
    manager.add([fileOf(6000)]);
    const offline = await until(manager, inStage('offline'));
    expect(offline.offlineSince).not.toBeNull();
    expect(manager.busy()).toBe(false);
    store.gate = () => Promise.resolve();
    store.trouble = [];
    network(true);
    await until(manager, inStage('processing'));
    expect(store.bytes()).toEqual(bytesOf(6000));
  });

  it('goes on after a reload once the same file is picked, and only with that file', async () => {
    const records = new MemoryList<UploadRecord>();
    const before = managerWith(records);
    store.gate = (part) => (part <= 4 ? Promise.resolve() : new Promise(() => undefined));
    before.manager.add([fileOf(7000)]);
    await until(before.manager, (view) => view.parts.filter((share) => share === 1).length >= 4);
    // The page is gone: nothing of the old manager runs on, only what was written down remains.
    const after = managerWith(records);
    await after.manager.restore();
    const interrupted = await until(after.manager, inStage('interrupted'));
    expect(interrupted.sentBytes).toBe(4000);
    store.gate = () => Promise.resolve();
    const sent = store.puts.length;
    after.manager.add([fileOf(7000)]);
    await until(after.manager, inStage('processing'), interrupted.key);
    expect(store.bytes()).toEqual(bytesOf(7000));
    expect(store.puts.length - sent).toBe(3);
    expect(after.manager.views()).toHaveLength(1);
    expect(await records.all()).toEqual([]);
  });

  it('forgets an upload that the server no longer has', async () => {
    const records = new MemoryList<UploadRecord>();
    await records.put({ upload_id: 'up1', asset_id: 'asset1', name: 'film.mp4', size_bytes: 7000, fingerprint: 'x', started_at: 0 });
    const { manager } = managerWith(records);
    await manager.restore();
    expect(manager.views()).toEqual([]);
    expect(await records.all()).toEqual([]);
  });

  it('sends what is missing when the completion says so', async () => {
    const { manager } = managerWith();
    store.loseOnComplete = [2];
    manager.add([fileOf(3000)]);
    await until(manager, inStage('processing'));
    expect(store.completions).toBe(2);
    expect(store.puts.filter((part) => part === 2)).toHaveLength(2);
    expect(store.bytes()).toEqual(bytesOf(3000));
  });

  it('says why the server refused, in its words', async () => {
    const { manager } = managerWith();
    store.refuseCreate = { status: 409, code: 'storage_quota_exceeded', detail: 'There is room for 2 GB more.' };
    manager.add([fileOf(1000)]);
    const view = await until(manager, inStage('failed'));
    expect(view.failure).toEqual({ title: 'Not enough room', detail: 'There is room for 2 GB more.', retryable: false });
  });

  it('cancels: stops the bytes and gives the room back', async () => {
    const { manager, records } = managerWith();
    store.gate = () => new Promise(() => undefined);
    const [key] = manager.add([fileOf(5000)]);
    await until(manager, (view) => view.stage === 'sending' && store.puts.length > 0);
    await manager.cancel(key!);
    expect(manager.views()).toEqual([]);
    expect(store.state).toBe('aborted');
    expect(await records.all()).toEqual([]);
  });

  it('takes files in turn, and the same file only once', async () => {
    const { manager } = managerWith();
    const held: (() => void)[] = [];
    store.gate = () => new Promise((resolve) => held.push(resolve));
    manager.add([fileOf(1000, 'a.mp4'), fileOf(1000, 'b.mp4')]);
    manager.add([fileOf(1000, 'b.mp4')]);
    expect(manager.views().map((view) => view.name)).toEqual(['a.mp4', 'b.mp4']);
    await until(manager, inStage('sending'));
    expect(manager.views()[1]!.stage).toBe('queued');
    store.gate = () => Promise.resolve();
    for (const release of held.splice(0)) release();
    await vi.waitFor(() => expect(manager.views().map((view) => view.stage)).toEqual(['processing', 'processing']), { timeout: 15_000 });
  });

  it('follows the processing to its end', async () => {
    const { manager } = managerWith();
    manager.add([fileOf(1000)]);
    await until(manager, inStage('processing'));
    manager.settle('asset1', 'failed', { title: 'Cannot read this file', detail: 'The video uses Indeo 5.' });
    expect(manager.views()[0]).toMatchObject({ stage: 'failed', failure: { title: 'Cannot read this file' } });
    manager.settle('asset1', 'ready');
    expect(manager.views()[0]!.stage).toBe('ready');
  });
});
