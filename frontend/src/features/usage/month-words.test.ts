import { describe, expect, it } from 'vitest';
import { chargedWords, forecastWords, type MonthMeter, monthAmount, priceWords, tightness, toldWords } from './month-words';

const delivered: MonthMeter = {
  meter: 'delivered_bytes',
  name: 'Delivery',
  unit: 'bytes',
  kind: 'meter',
  used: 95e9,
  reserved: 0,
  included: 100e9,
  percent: 95,
  mode: 'cap',
  overage_amount: 0,
  overage_minor: 0,
  overage_price: '0.05',
  currency: 'eur',
  forecast: 150e9,
  forecast_by: 'weekdays',
  forecast_minor: 0,
  alerts: [
    { percent: 70, told_at: '2026-11-10T08:00:00Z' },
    { percent: 90, told_at: '2026-11-17T08:00:00Z' },
  ],
};

describe('the month’s usage', () => {
  it('tells amounts in the unit that is sold', () => {
    expect(monthAmount('delivered_bytes', 95e9)).toBe('95\u00a0GB');
    expect(monthAmount('transcode_seconds', 5400)).toBe('90 min');
    expect(monthAmount('transcode_seconds', 42)).toBe('42 s');
    expect(monthAmount('transcode_seconds', 0)).toBe('0 min');
  });

  it('names the price of one more only where more can be paid for', () => {
    expect(priceWords(delivered)).toBe('€0.05 a GB');
    expect(priceWords({ ...delivered, meter: 'transcode_seconds' })).toBe('€0.05 a minute');
    expect(priceWords({ ...delivered, overage_price: null, currency: null })).toBe('');
  });

  it('says how the forecast was reckoned, and what it costs where it costs something', () => {
    expect(forecastWords(delivered)).toBe('About 150\u00a0GB by the end of the month, judging by the last four weeks.');
    expect(forecastWords({ ...delivered, forecast_by: 'rate', forecast_minor: 250 })).toBe(
      'About 150\u00a0GB by the end of the month, if the month goes on as it began: €2.50 beyond what is included.',
    );
    expect(forecastWords({ ...delivered, used: 0, forecast: 0 })).toBe('');
  });

  it('tells what is charged, without money to who may not see it', () => {
    expect(chargedWords(delivered)).toBe('');
    expect(chargedWords({ ...delivered, overage_amount: 20e9, overage_minor: 100 })).toBe('20\u00a0GB beyond what is included: €1.00 so far.');
    expect(chargedWords({ ...delivered, overage_amount: 20e9, overage_minor: null })).toBe('20\u00a0GB beyond what is included.');
  });

  it('tells the last mark that owners heard of', () => {
    expect(toldWords(delivered)).toBe('Owners were told at 90 % on 17 November 2026.');
    expect(toldWords({ ...delivered, alerts: [] })).toBe('');
  });

  it('is tight near the limit, and never where more is paid for', () => {
    expect(tightness(delivered)).toBe('tight');
    expect(tightness({ ...delivered, percent: 100 })).toBe('full');
    expect(tightness({ ...delivered, percent: 130, mode: 'overage' })).toBe('easy');
    expect(tightness({ ...delivered, included: null, percent: null })).toBe('easy');
  });
});
