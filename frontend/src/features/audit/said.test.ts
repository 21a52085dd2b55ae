import { describe, expect, it } from 'vitest';
import { exportAddress, isFiltered } from './api';
import { said } from './said';

describe('said', () => {
  it('puts values into words', () => {
    expect(said(['admin', 'author'])).toBe('admin, author');
    expect(said([])).toBe('nothing');
    expect(said(null)).toBe('nothing');
    expect(said(false)).toBe('no');
    expect(said({ person: 'x' })).toBe('person: x');
    expect(said(0)).toBe('0');
  });
});

describe('filters', () => {
  it('go into the address of the export', () => {
    expect(exportAddress({ support: '1', group: 'people' }, 'csv')).toBe(
      '/api/v1/audit-export/?form=csv&group=people&support=true',
    );
  });
  it('count the last day in', () => {
    const until = new URL(exportAddress({ until: '2026-03-01' }, 'jsonl'), 'http://x').searchParams.get('until');
    expect(new Date(until ?? '').getTime()).toBe(new Date('2026-03-02T00:00:00').getTime());
  });
  it('ignore a day that is none', () => {
    expect(isFiltered({ since: 'yesterday' })).toBe(false);
    expect(isFiltered({ person: 'p' })).toBe(true);
  });
});
