import { describe, expect, it } from 'vitest';
import type { BillingPanel, PanelFeature } from '@/api/staff';
import { acts, days, featureWord, minorOf, share, written } from './model';

const line = (part: Partial<PanelFeature>): PanelFeature => ({
  feature: 'seats',
  name: 'Seats',
  kind: 'limit',
  unit: '',
  value: 20,
  used: 5,
  source: 'plan',
  expires_at: null,
  note: '',
  ...part,
});
const panel = (subscription: object | null): BillingPanel => ({ is_configured: true, subscription }) as BillingPanel;

describe('an organization’s money', () => {
  it('reads amounts by their digits', () => {
    expect(minorOf('12.5')).toBe(1250);
    expect(minorOf('0,29')).toBe(29);
    expect(minorOf('1034')).toBe(103_400);
    for (const wrong of ['', '0', '-3', '1.234', '1e3', 'ten']) expect(minorOf(wrong)).toBeNull();
  });

  it('takes amounts in what people write them in', () => {
    expect(written('bytes')).toEqual({ in: 'GB', each: 1_000_000_000 });
    expect(written('seconds')).toEqual({ in: 'minutes', each: 60 });
    expect(written('count')).toEqual({ in: null, each: 1 });
  });

  it('tells features in their units', () => {
    expect(featureWord(line({}))).toBe('5 of 20');
    expect(featureWord(line({ unit: 'bytes', value: null, used: 2_000_000_000 }))).toBe('2\u00a0GB of no limit');
    expect(featureWord(line({ kind: 'switch', value: 1, used: null }))).toBe('On');
    expect(share(line({ value: null }))).toBeNull();
    expect(share(line({}))).toBe(0.25);
  });

  it('gives credit to whoever pays, and plans to everybody else', () => {
    const trial = { state: 'trialing', is_at_stripe: false, trial_end_at: '2026-12-01T00:00:00Z', version: 1, newest_version: 1 };
    expect(acts(panel(trial))).toEqual({ plan: true, trial: true, credit: true, version: false });
    expect(acts(panel({ ...trial, state: 'active', is_at_stripe: true, newest_version: 2 }))).toEqual({ plan: false, trial: false, credit: true, version: true });
    expect(acts(panel(null))).toEqual({ plan: true, trial: false, credit: true, version: false });
  });

  it('counts days by the account’s own clock', () => {
    expect(days({ ahead_seconds: 86_400 }, Date.UTC(2026, 10, 29))).toEqual({ first: '2026-11-30', month: '2026-12-30' });
  });
});
