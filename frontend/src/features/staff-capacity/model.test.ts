import { describe, expect, it } from 'vitest';
import type { Capacity } from '@/api/staff';
import { daysOf, poolSentence, room } from './model';

const pool = (change: Partial<Capacity['pool']>): Capacity['pool'] => ({
  state: 'full',
  ready: 4,
  target: 4,
  missing: 0,
  outdated: 0,
  floor: 4,
  ceiling: 40,
  busiest_ten_minutes: 1,
  built_last_hour: 2,
  taken_last_hour: 2,
  cap_an_hour: 60,
  capped_until: null,
  last_built_at: null,
  oldest_built_at: null,
  ...change,
});

describe('the warm pool', () => {
  it('says what it is at, and why it goes no further', () => {
    expect(poolSentence(pool({}))).toBe('As many are ready as are wanted.');
    expect(poolSentence(pool({ state: 'filling', missing: 1 }))).toBe('1 is being built.');
    const capped = poolSentence(pool({ state: 'capped', missing: 12, capped_until: '2026-11-28T13:00:00Z' }));
    expect(capped).toContain('12 are missing: the cap of 60 an hour is reached until');
  });
});

describe('connections', () => {
  it('are looked at before the last one is taken', () => {
    expect([room({ used: 84, limit: 100 }), room({ used: 85, limit: 100 }), room({ used: 0, limit: 0 })]).toEqual(['fine', 'look', 'fine']);
  });
});

describe('the days of an address', () => {
  it('are ninety unless it says others', () => {
    expect([undefined, '', '0', '-3', 'x', '12345', '7', '365'].map(daysOf)).toEqual(['90', '90', '90', '90', '90', '90', '7', '365']);
  });
});
