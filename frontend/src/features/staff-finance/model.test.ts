import { describe, expect, it } from 'vitest';
import type { Cohort, Revenue, RevenueMonth } from '@/api/staff';
import { chosen, comparisonTone, conversion, monthWord, percent, told } from './model';

const month = (name: string, closing: number, opening = 0): RevenueMonth => ({
  month: name,
  opening_minor: opening,
  new_minor: 0,
  expansion_minor: 0,
  contraction_minor: 0,
  churn_minor: 0,
  reactivation_minor: 0,
  closing_minor: closing,
  customers_opening: 0,
  customers_came: 0,
  customers_left: 0,
  customers_churned: 0,
  customers_closing: 0,
  revenue_churn: null,
  logo_churn: null,
  retention: null,
  overage_minor: 0,
  paid_minor: 0,
  refunded_minor: 0,
});
const revenue = (currency: string, customers: number, months: RevenueMonth[] = []): Revenue => ({ currency, customers, mrr_minor: 0, months });
const cohort = (converted: number, lapsed: number, trying: number): Cohort => ({
  month: '2026-10',
  started: converted + lapsed + trying,
  converted,
  lapsed,
  still_trying: trying,
  given: 0,
  conversion: null,
  median_days: null,
});

describe('the books', () => {
  it('tells months from the first that held anything, newest first', () => {
    const found = told(revenue('usd', 1, [month('2026-08', 0), month('2026-09', 500), month('2026-10', 0, 500), month('2026-11', 0)]));
    expect(found.map((line) => line.month)).toEqual(['2026-11', '2026-10', '2026-09']);
  });

  it('tells the present month where there never was anything', () => {
    expect(told(revenue('usd', 0, [month('2026-10', 0), month('2026-11', 0)])).map((line) => line.month)).toEqual(['2026-11']);
  });

  it('shows the currency that was asked for, else the one of most customers', () => {
    const currencies = [revenue('eur', 2), revenue('usd', 7)];
    expect(chosen(currencies, 'eur')?.currency).toBe('eur');
    expect(chosen(currencies, 'jpy')?.currency).toBe('usd');
    expect(chosen([], undefined)).toBeUndefined();
  });

  it('takes conversion of those who decided', () => {
    expect(conversion([cohort(3, 1, 9), cohort(0, 2, 0)])).toBe(5000);
    expect(conversion([cohort(0, 0, 4)])).toBeNull();
  });

  it('writes shares and months as people read them', () => {
    expect(percent(1234)).toBe('12.3\u00a0%');
    expect(percent(null)).toBe('–');
    expect(monthWord('2026-11')).toBe('Nov 2026');
  });

  it('is only fine where Stripe was asked and agreed', () => {
    const line = { id: '1', at: '2026-11-01T00:00:00Z', state: 'done', with_stripe: true, note: '', duration_ms: 1, differences: 0 } as const;
    expect(comparisonTone(line)).toBe('fine');
    expect(comparisonTone({ ...line, with_stripe: false })).toBe('off');
    expect(comparisonTone({ ...line, differences: 2 })).toBe('look');
    expect(comparisonTone({ ...line, state: 'asked' })).toBe('running');
  });
});
