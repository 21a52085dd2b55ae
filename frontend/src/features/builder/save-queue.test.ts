import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EMPTY_BODY } from './body';
import { DEBOUNCE_MS, LONGEST_MS, overlaid, SaveQueue, type Copy, type CopyStore, type Patch, type SavedNode, type SaveOutcome } from './save-queue';

const saved = (revision: number, change: Partial<SavedNode> = {}): SavedNode => ({
  item: 'x',
  parent: 'm',
  kind: 'lesson',
  title: 'Lesson',
  config: { completion: { rule: 'viewed' }, automatic: true, required: true },
  revision,
  asset_id: null,
  is_empty: true,
  body: EMPTY_BODY,
  ...change,
});

class Copies implements CopyStore {
  readonly kept = new Map<string, Copy>();
  all = () => [...this.kept.values()];
  put = (copy: Copy) => void this.kept.set(copy.item, structuredClone(copy));
  remove = (item: string) => void this.kept.delete(item);
}

function setUp(...outcomes: (SaveOutcome | ((patch: Patch, revision: number) => Promise<SaveOutcome>))[]) {
  const copies = new Copies();
  const sent: { patch: Patch; revision: number }[] = [];
  const adopted: SavedNode[] = [];
  const queue = new SaveQueue({
    copies,
    onSaved: () => undefined,
    onAdopted: (node) => adopted.push(node),
    save: async (_item, patch, revision) => {
      sent.push({ patch, revision });
      const outcome = outcomes.shift() ?? { kind: 'saved', node: saved(revision + 1) };
      return typeof outcome === 'function' ? outcome(patch, revision) : outcome;
    },
  });
  return { queue, copies, sent, adopted };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('autosave', () => {
  it('waits for a pause and sends the latest of each field', async () => {
    const { queue, sent } = setUp();
    queue.edit('x', { title: 'A' }, 3);
    await pass(DEBOUNCE_MS - 100);
    queue.edit('x', { title: 'B', config: { required: false } }, 3);
    queue.edit('x', { config: { completion: { rule: 'manual' } } }, 3);
    expect(queue.status().kind).toBe('saving');
    await pass(DEBOUNCE_MS);
    expect(sent).toEqual([{ revision: 3, patch: { title: 'B', config: { required: false, completion: { rule: 'manual' } } } }]);
    expect(queue.status().kind).toBe('saved');
  });

  it('does not wait for ever while someone types on', async () => {
    const { queue, sent } = setUp();
    for (let at = 0; at <= LONGEST_MS; at += 500) {
      queue.edit('x', { title: `t${at}` }, 1);
      // oxlint-disable-next-line no-await-in-loop
      await pass(500);
    }
    expect(sent.length).toBeGreaterThanOrEqual(1);
  });

  it('sends what changed on the way with the revision it was given back, one request at a time', async () => {
    let answer: (outcome: SaveOutcome) => void = () => undefined;
    const { queue, sent } = setUp(() => new Promise((resolve) => (answer = resolve)));
    queue.edit('x', { title: 'A' }, 3);
    await pass(DEBOUNCE_MS);
    queue.edit('x', { title: 'B' }, 3);
    await pass(DEBOUNCE_MS * 3);
    expect(sent).toHaveLength(1);
    expect(queue.pending('x')).toEqual({ title: 'B' });
    answer({ kind: 'saved', node: saved(4) });
    await pass(DEBOUNCE_MS);
    expect(sent[1]).toEqual({ revision: 4, patch: { title: 'B' } });
    expect(queue.pending('x')).toBeNull();
  });
});

describe('a copy', () => {
  it('lies in the browser until the server has answered', async () => {
    const { queue, copies } = setUp();
    queue.edit('x', { title: 'A' }, 3);
    expect(copies.kept.get('x')).toEqual({ item: 'x', revision: 3, patch: { title: 'A' } });
    await pass(DEBOUNCE_MS);
    expect(copies.kept.size).toBe(0);
  });

  it('is taken up by the next page', async () => {
    const { queue, copies, sent } = setUp();
    copies.put({ item: 'x', revision: 7, patch: { title: 'Before the crash' } });
    queue.recover();
    expect(queue.pending('x')).toEqual({ title: 'Before the crash' });
    await pass(0);
    expect(sent).toEqual([{ revision: 7, patch: { title: 'Before the crash' } }]);
    expect(copies.kept.size).toBe(0);
  });
});

describe('without a network', () => {
  it('keeps the work, says so, and tries again', async () => {
    const { queue, copies, sent } = setUp({ kind: 'unreached', offline: true });
    queue.edit('x', { title: 'A' }, 3);
    await pass(DEBOUNCE_MS);
    expect(queue.status().kind).toBe('offline');
    expect(copies.kept.get('x')?.patch).toEqual({ title: 'A' });
    queue.flush();
    await pass(0);
    expect(sent).toHaveLength(2);
    expect(queue.status().kind).toBe('saved');
  });
});

describe('a conflict', () => {
  const theirs = saved(9, { title: 'Theirs' });

  it('waits for a decision and sends nothing meanwhile', async () => {
    const { queue, sent } = setUp({ kind: 'conflict', current: theirs });
    queue.edit('x', { title: 'Mine' }, 3);
    await pass(DEBOUNCE_MS);
    queue.edit('x', { title: 'Mine too' }, 3);
    await pass(60_000);
    expect(sent).toHaveLength(1);
    expect(queue.status()).toMatchObject({ kind: 'conflict', conflict: { item: 'x', current: theirs, yours: { title: 'Mine too' } } });
  });

  it('ends with mine over their revision', async () => {
    const { queue, sent, adopted } = setUp({ kind: 'conflict', current: theirs });
    queue.edit('x', { title: 'Mine' }, 3);
    await pass(DEBOUNCE_MS);
    queue.resolve('x', 'mine');
    await pass(0);
    expect(sent[1]).toEqual({ revision: 9, patch: { title: 'Mine' } });
    expect(adopted).toMatchObject([{ title: 'Mine', revision: 9 }]);
  });

  it('ends with theirs alone', async () => {
    const { queue, copies, sent, adopted } = setUp({ kind: 'conflict', current: theirs });
    queue.edit('x', { title: 'Mine' }, 3);
    await pass(DEBOUNCE_MS);
    queue.resolve('x', 'theirs');
    await pass(60_000);
    expect(sent).toHaveLength(1);
    expect(adopted).toEqual([theirs]);
    expect(queue.pending('x')).toBeNull();
    expect(copies.kept.size).toBe(0);
  });
});

describe('a refusal', () => {
  it('is told and kept, and can be dropped', async () => {
    const { queue, copies } = setUp({ kind: 'refused', detail: 'Too long.' });
    queue.edit('x', { title: 'A' }, 3);
    await pass(DEBOUNCE_MS);
    expect(queue.status()).toMatchObject({ kind: 'refused', refusal: { item: 'x', detail: 'Too long.' } });
    expect(copies.kept.size).toBe(1);
    queue.forget('x');
    expect(queue.status().kind).toBe('idle');
    expect(copies.kept.size).toBe(0);
  });
});

describe('a server that puts a save off', () => {
  it('is asked again when it said, and nothing is lost meanwhile', async () => {
    const { queue, copies, sent } = setUp({ kind: 'unreached', offline: false, retryAfterSeconds: 20 });
    queue.edit('x', { title: 'A' }, 3);
    await pass(DEBOUNCE_MS);
    expect(queue.status().kind).toBe('put-off');
    await pass(19_000);
    expect(sent).toHaveLength(1);
    expect(copies.kept.get('x')?.patch).toEqual({ title: 'A' });
    await pass(7_000);
    expect(sent).toHaveLength(2);
    expect(queue.status().kind).toBe('saved');
    expect(copies.kept.size).toBe(0);
  });
});

describe('what is not saved yet', () => {
  it('lies over what the server said', () => {
    expect(overlaid(saved(1), { title: 'B', config: { completion: { rule: 'manual' } } })).toMatchObject({
      title: 'B',
      config: { completion: { rule: 'manual' }, automatic: false, required: true },
    });
  });
});
