import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { MemoryList, openList, type DurableList } from './idb-queue';

describe.each<[string, () => Promise<DurableList<{ n: number }>>]>([
  ['IndexedDB', () => openList<{ n: number }>('beacons')],
  ['memory', async () => new MemoryList<{ n: number }>()],
])('a list in %s', (_, open) => {
  it('keeps entries in the order they were put, until they are removed', async () => {
    const list = await open();
    const keys = [await list.put({ n: 1 }), await list.put({ n: 2 }), await list.put({ n: 3 })];
    await list.remove(keys[1]!);
    await list.replace(keys[2]!, { n: 33 });
    expect(await list.all()).toEqual([
      { key: keys[0], value: { n: 1 } },
      { key: keys[2], value: { n: 33 } },
    ]);
  });
});

it('outlives the page where the browser allows it', async () => {
  const first = await openList<string>('uploads');
  expect(first.durable).toBe(true);
  await first.put('kept');
  const second = await openList<string>('uploads');
  expect((await second.all()).map((entry) => entry.value)).toEqual(['kept']);
});
