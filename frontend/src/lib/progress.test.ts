import { describe, expect, it, vi } from 'vitest';
import { mergeItem, ProgressStore, type Progress } from './progress';

const progress = (revision: number, percent: number): Progress => ({ revision, percent_permille: percent, done: 0, required: 3, next_item: null });

describe('ProgressStore', () => {
  it('keeps the highest revision: a late answer cannot turn the bar back', () => {
    const store = new ProgressStore();
    const heard = vi.fn();
    store.subscribe(heard);
    expect(store.put('e', progress(5, 500))).toBe(true);
    expect(store.put('e', progress(4, 400))).toBe(false);
    expect(store.put('e', progress(5, 100))).toBe(false);
    expect(store.get('e')?.percent_permille).toBe(500);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('moves a lesson only forward', () => {
    const store = new ProgressStore();
    store.putItem('e', 'i', { state: 'completed', percent_permille: 1000, spans: [[0, 10]] });
    store.putItem('e', 'i', { state: 'started', percent_permille: 400, spans: [[0, 4]] });
    expect(store.getItem('e', 'i')).toEqual({ state: 'completed', percent_permille: 1000, spans: [[0, 10]] });
    expect(store.getItem('other', 'i')).toBeUndefined();
  });

  it('lays what is newer over what was loaded', () => {
    const loaded = { state: 'started' as const, percent_permille: 300, spans: [[0, 3]] as const };
    expect(mergeItem(loaded, { state: 'completed', percent_permille: 1000, spans: [] })).toEqual({ state: 'completed', percent_permille: 1000, spans: [[0, 3]] });
    expect(mergeItem(loaded, { state: 'open', percent_permille: 0, spans: [] })).toEqual(loaded);
    expect(mergeItem(undefined, undefined)).toBeUndefined();
  });
});
