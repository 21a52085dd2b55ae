import { describe, expect, it } from 'vitest';
import type { ComparedTable } from '@/api/staff';
import { reportLines } from './report-lines';
import { rowsLost, signed } from './restore-words';

const table = (name: string, away: number): ComparedTable => ({ table: name, live: 1 + away, restored: 1, equal: away === 0, comes_back: 0, goes_away: away, changes: 0, words: '' });

describe('a comparison', () => {
  it('writes differences with a real minus', () => {
    expect([12, -3, 0, -1200].map(signed)).toEqual(['+12', '−3', '0', '−1,200']);
  });

  it('counts what a swap would take away', () => {
    expect(rowsLost([table('a', 0), table('b', 4), table('c', 1100)])).toBe(1104);
  });
});

describe('a deletion report', () => {
  it('becomes lines, whatever nests in it; what is empty is left out', () => {
    expect(
      reportLines({ database: { tables: 41, rows: 12345 }, found: [], mail: null, stores: ['s3', 'redis'], proved: true, searches: [{ store: 's3', hits: 0 }] }),
    ).toEqual([
      { name: 'Database, tables', value: '41' },
      { name: 'Database, rows', value: '12,345' },
      { name: 'Stores', value: 's3, redis' },
      { name: 'Proved', value: 'Yes' },
      { name: 'Searches 1, store', value: 's3' },
      { name: 'Searches 1, hits', value: '0' },
    ]);
  });
});
