import { describe, expect, it } from 'vitest';
import type { Meter } from '@/api/types';
import { fullness, monthName, unitFor } from './words';

const storage: Meter = { key: 'storage', unit: 'bytes', used: 250, reserved: 0, limit: 1000, words: '' };

describe('usage', () => {
  it('says how full storage is, with what running uploads hold', () => {
    expect(fullness(storage)).toBe(250);
    expect(fullness({ ...storage, reserved: 250 })).toBe(500);
    expect(fullness({ ...storage, used: 2000 })).toBe(1000);
  });

  it('knows no fullness without a limit or a figure', () => {
    expect(fullness({ ...storage, limit: null })).toBeNull();
    expect(fullness({ ...storage, used: null })).toBeNull();
  });

  it('names months without a shift of the time zone', () => {
    expect(monthName('2026-01')).toBe('Jan 2026');
    expect(monthName('2026-12')).toBe('Dec 2026');
  });

  it('takes a unit that reads well', () => {
    expect(unitFor(3e9).word).toBe('GB');
    expect(unitFor(5e6).word).toBe('MB');
    expect(unitFor(0).word).toBe('kB');
  });
});
