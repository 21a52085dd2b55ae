import { describe, expect, it } from 'vitest';
import { money, unitPrice } from '@/lib/money';
import { brings, LAST_STEP, likelyCurrency, monthsFree, type PlanOffer, priceOf, readSeats, seatsAt, stepOf } from './model';
import { featureAmount } from './words';

const team: PlanOffer = {
  key: 'team',
  name: 'Team',
  rank: 2,
  version: 1,
  seats_min: 10,
  prices: { usd: { month: 700, year: 7000 }, gbp: { month: 600, year: 6000 } },
  overage: {},
  features: { storage_bytes: 250 * 2 ** 30, transcode_seconds: 180_000, domains: 3, sso: 1, priority_support: 0 },
  per_seat: { transcode_seconds: 2400 },
  way: 'up',
};

describe('prices', () => {
  it('are exact, and never for fewer seats than a plan begins with', () => {
    expect(priceOf(team, 'month', 'usd', 33)).toBe(23_100);
    expect(priceOf(team, 'year', 'gbp', 33)).toBe(198_000);
    expect(priceOf(team, 'month', 'usd', 3)).toBe(7000);
    expect(priceOf(team, 'month', 'sek', 33)).toBeUndefined();
  });

  it('say how much of a year is free', () => {
    expect(monthsFree(team, 'usd')).toBe(2);
    expect(monthsFree(team, 'sek')).toBe(0);
  });

  it('grow what grows with the seats', () => {
    expect(brings(team, 'transcode_seconds', 20)).toBe(204_000);
    expect(brings(team, 'transcode_seconds', 1)).toBe(180_000);
    expect(brings(team, 'domains', 20)).toBe(3);
    expect(brings({ ...team, features: { domains: null } }, 'domains', 20)).toBeNull();
    expect(brings(team, 'unheard_of', 20)).toBeUndefined();
  });
});

describe('words for amounts', () => {
  it('use the unit that each is sold in', () => {
    expect(featureAmount('storage_bytes', 10 ** 12)).toBe('1,000\u00a0GB');
    expect(featureAmount('storage_bytes', 4_000_000)).toBe('4\u00a0MB');
    expect(featureAmount('delivered_bytes', 2_000 * 10 ** 9)).toBe('2,000\u00a0GB');
    expect(featureAmount('transcode_seconds', 36_000)).toBe('600\u00a0min');
    expect(featureAmount('domains', null)).toBe('No limit');
  });

  it('say money from minor units, and a fraction of a cent where a price has one', () => {
    expect(money(123_450, 'eur')).toBe('€1,234.50');
    expect(money(4000, 'gbp', { short: true })).toBe('£40');
    expect(money(4050, 'gbp', { short: true })).toBe('£40.50');
    expect(money(-250, 'usd')).toBe('-US$2.50');
    expect(money(500, 'jpy')).toBe('JP¥500');
    expect(unitPrice('0.05', 'usd')).toBe('US$0.05');
    expect(unitPrice('0.005', 'eur')).toBe('€0.005');
  });
});

describe('what a visitor sets', () => {
  it('moves the slider through every number of a small organization', () => {
    expect(seatsAt(0)).toBe(5);
    expect(seatsAt(LAST_STEP)).toBe(1000);
    for (let step = 0; step <= LAST_STEP; step += 1) expect(stepOf(seatsAt(step))).toBe(step);
    expect(stepOf(3)).toBe(0);
    expect(stepOf(64)).toBe(stepOf(60));
    expect(stepOf(9000)).toBe(LAST_STEP);
  });

  it('takes a number of seats, and nothing else', () => {
    expect(readSeats('33')).toBe(33);
    for (const bad of [undefined, '', '0', '-4', '1.5', 'many', '999999']) expect(readSeats(bad)).toBeUndefined();
  });

  it('begins in the currency of where the browser is from', () => {
    expect(likelyCurrency(['en-GB', 'en'])).toBe('gbp');
    expect(likelyCurrency(['de', 'de-AT'])).toBe('eur');
    expect(likelyCurrency(['sv-SE'])).toBe('usd');
    expect(likelyCurrency(['en'])).toBe('usd');
  });
});
