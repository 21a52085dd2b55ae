import { describe, expect, it } from 'vitest';
import type { Release } from '@/api/staff';
import { isMoving, isOfLength, progressSentence, releaseTone, rings, since, split, steps, totals, track } from './model';

const release = (change: Partial<Release> = {}): Release => ({
  number: 2,
  name: 'frozen',
  state: 'running',
  ring: 'tenth',
  reason: '',
  is_current: true,
  is_running: false,
  min_code: 1,
  sql_sha256: 'a',
  template_sha256: 'b',
  recorded_at: '2026-11-28T10:00:00Z',
  started_at: '2026-11-28T11:00:00Z',
  finished_at: null,
  seen_at: '2026-11-28T12:00:00Z',
  on_it: 5,
  behind: 95,
  failed: 0,
  counts: [],
  data_steps: [],
  ...change,
});

const counts: Release['counts'] = [
  { ring: 'all', state: 'pending', organizations: 80 },
  { ring: 'canary', state: 'done', organizations: 1 },
  { ring: 'tenth', state: 'failed', organizations: 3 },
  { ring: 'tenth', state: 'done', organizations: 9 },
];

describe('the rings of a release', () => {
  it('stand in the order in which it reaches them', () => {
    expect(rings({ counts }).map(({ ring, tally }) => [ring, tally.done, tally.failed, tally.total])).toEqual([
      ['canary', 1, 0, 1],
      ['tenth', 9, 3, 12],
      ['all', 0, 0, 80],
    ]);
    expect(totals({ counts })).toMatchObject({ done: 10, failed: 3, pending: 80, total: 93 });
  });

  it('are drawn with the few canaries in sight and what failed at the end of its ring', () => {
    const drawn = track({ counts });
    expect(drawn.map((segment) => [segment.key, segment.tone ?? 'progress'])).toEqual([
      ['canary', 'progress'],
      ['tenth', 'progress'],
      ['tenth failed', 'danger'],
      ['all', 'progress'],
    ]);
    expect(drawn[0]?.weight).toBeCloseTo(93 * 0.06);
    expect(drawn[1]?.spans).toEqual([[0, 1]]);
    expect(drawn[3]?.spans).toEqual([]);
    expect(track({ counts: [{ ring: 'canary', state: 'failed', organizations: 2 }] })).toHaveLength(1);
    expect(track({ counts: [] })).toEqual([]);
  });
});

describe('a release', () => {
  it('is looked at often only while something of it changes by itself', () => {
    expect(isMoving(release())).toBe(false);
    expect(isMoving(release({ is_running: true }))).toBe(true);
    expect(isMoving(release({ counts: [{ ring: 'all', state: 'running', organizations: 1 }] }))).toBe(true);
    const pending: Release['counts'] = [{ ring: 'all', state: 'pending', organizations: 1 }];
    expect((['waiting', 'running', 'paused', 'stopped', 'done'] as const).map((state) => isMoving(release({ state, counts: pending })))).toEqual([false, true, false, false, true]);
    expect(isMoving(release({ data_steps: [{ name: 'x', state: 'pending', organizations: 1 }] }))).toBe(true);
  });

  it('that is done and left somebody behind is no green one', () => {
    expect([releaseTone({ state: 'done', failed: 0 }), releaseTone({ state: 'done', failed: 1 }), releaseTone({ state: 'stopped', failed: 1 })]).toEqual(['fine', 'look', 'failed']);
  });

  it('says how many have it', () => {
    expect(progressSentence(release())).toBe('5 of 100 organizations have it.');
    expect(progressSentence(release({ on_it: 1200, behind: 0 }))).toBe('All 1,200 organizations have it.');
    expect(progressSentence(release({ on_it: 1, behind: 0 }))).toBe('The one organization has it.');
    expect(progressSentence(release({ on_it: 0, behind: 0 }))).toBe('No organization has a schema yet.');
  });

  it('names the moment that belongs to its state', () => {
    expect(since(release())).toBe('2026-11-28T11:00:00Z');
    expect(since(release({ state: 'paused' }))).toBe('2026-11-28T12:00:00Z');
    expect(since(release({ state: 'waiting' }))).toBe('2026-11-28T10:00:00Z');
    expect(since(release({ state: 'done', finished_at: '2026-11-28T13:00:00Z' }))).toBe('2026-11-28T13:00:00Z');
  });

  it('is history when it is done, unless it is the newest or somebody was left behind', () => {
    const found = split([release({ number: 1, state: 'done' }), release({ number: 3, state: 'done' }), release({ number: 2, state: 'done', failed: 1 })]);
    expect(found.open.map((one) => one.number)).toEqual([3, 2]);
    expect(found.past.map((one) => one.number)).toEqual([1]);
  });

  it('is read again while its list and its figures are of different moments', () => {
    const page = (items: number, next: string | null = null) => ({ items: Array.from({ length: items }), next });
    expect(isOfLength(undefined, 0)).toBe(false);
    expect(isOfLength([page(0)], 0)).toBe(true);
    expect(isOfLength([page(0)], 1)).toBe(false);
    expect(isOfLength([page(25, 'more'), page(3)], 28)).toBe(true);
    expect(isOfLength([page(25, 'more')], 28)).toBe(true);
    expect(isOfLength([page(25, 'more')], 25)).toBe(false);
  });

  it('sums its data steps by name', () => {
    const data_steps: Release['data_steps'] = [
      { name: 'b', state: 'done', organizations: 2 },
      { name: 'a', state: 'failed', organizations: 1 },
      { name: 'b', state: 'pending', organizations: 3 },
    ];
    expect(steps({ data_steps }).map(({ name, tally }) => [name, tally.done, tally.total])).toEqual([
      ['b', 2, 5],
      ['a', 0, 1],
    ]);
  });
});
