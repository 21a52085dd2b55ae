import { describe, expect, it } from 'vitest';
import type { BillingStanding } from '@/lib/boot';
import { bannerOf, buysAnew, daysUntil, firstWish, hasArrived, isChange, lostWith, mayPutAway, nextInvoiceAt, owesMoney, paymentWay, type PlanChoice, seatsFault, type Subscription } from './model';

const offer = (key: string, rank: number, seats_min: number): PlanChoice => ({
  key,
  name: key,
  rank,
  version: 1,
  seats_min,
  prices: {},
  overage: {},
  features: {},
  per_seat: {},
  way: 'up',
});

const plans = [offer('growth', 3, 25), offer('start', 1, 5), offer('team', 2, 10)];

const trial: Subscription = {
  state: 'trialing',
  plan: { key: 'trial', name: 'Trial', version: 1, rank: 0 },
  interval: 'month',
  currency: 'usd',
  seats: 50,
  seats_used: 8,
  seats_kept: 0,
  kept_until: null,
  kept_plan: null,
  is_kept_given: false,
  trial_end_at: '2026-12-08T12:00:00Z',
  period_start: null,
  period_end: null,
  past_due_since_at: null,
  read_only_at: null,
  crowded_since_at: null,
  owes: false,
  cancel_at: null,
  is_comp: false,
  is_at_stripe: false,
  seat_minor: 0,
  recurring_minor: 0,
};
const team: Subscription = { ...trial, state: 'active', plan: { key: 'team', name: 'Team', version: 1, rank: 2 }, seats: 20, interval: 'year', is_at_stripe: true };

describe('a wish', () => {
  it('begins with the lowest plan and a seat for everybody during the trial', () => {
    expect(firstWish(trial, plans, {})).toEqual({ plan: 'start', interval: 'month', seats: 8 });
    expect(firstWish({ ...trial, seats_used: 1 }, plans, {})).toEqual({ plan: 'start', interval: 'month', seats: 5 });
  });

  it('begins with what one has afterwards, and takes over what a link asks for', () => {
    expect(firstWish(team, plans, {})).toEqual({ plan: 'team', interval: 'year', seats: 20 });
    expect(firstWish(team, plans, { plan: 'growth', seats: 3 })).toEqual({ plan: 'growth', interval: 'year', seats: 25 });
    expect(firstWish(team, plans, { plan: 'no-such-plan', seats: 60 }).plan).toBe('team');
  });

  it('is a change only if something differs', () => {
    expect(isChange(team, { plan: 'team', interval: 'year', seats: 20 })).toBe(false);
    expect(isChange(team, { plan: 'team', interval: 'year', seats: 21 })).toBe(true);
    expect(isChange(team, { plan: 'team', interval: 'month', seats: 20 })).toBe(true);
  });

  it('never goes below the people who are there', () => {
    expect(seatsFault(7, plans[1], 8)).toBe('used');
    expect(seatsFault(8, plans[1], 8)).toBe('none');
    expect(seatsFault(9, plans[2], 8)).toBe('min');
    expect(seatsFault(undefined, plans[2], 8)).toBe('number');
    expect(seatsFault(10.5, plans[2], 8)).toBe('number');
  });
});

describe('what was bought', () => {
  it('goes through Checkout where there is nothing to change yet', () => {
    expect(buysAnew(trial)).toBe(true);
    expect(buysAnew({ ...team, state: 'canceled' })).toBe(true);
    expect(buysAnew({ ...team, is_at_stripe: false })).toBe(true);
    expect(buysAnew(team)).toBe(false);
  });

  it('waits for what is still owed of the plan before', () => {
    expect(owesMoney({ ...team, state: 'canceled' })).toBe(false);
    expect(owesMoney({ ...team, state: 'canceled', owes: true })).toBe(true);
    expect(owesMoney({ ...team, state: 'past_due' })).toBe(true);
  });

  it('has arrived once the plan stands here, trial days and all', () => {
    expect(hasArrived(trial)).toBe(false);
    expect(hasArrived({ ...team, state: 'trialing' })).toBe(true);
    expect(hasArrived({ ...team, state: 'read_only' })).toBe(false);
  });
});

describe('the banner', () => {
  const standing: BillingStanding = {
    state: 'trialing',
    is_at_stripe: false,
    is_comp: false,
    is_invoiced: false,
    trial_end_at: '2026-12-03T12:00:00Z',
    past_due_since_at: null,
    read_only_at: null,
    crowded_since_at: null,
    owes: false,
    cancel_at: null,
    now: '2026-11-29T12:00:00Z',
  };
  const bought = { ...standing, is_at_stripe: true };

  it('speaks of the trial in its last week, and insists in its last days', () => {
    expect(daysUntil('2026-12-03T12:00:00Z', Date.parse(standing.now))).toBe(4);
    expect(bannerOf(standing)).toBe('trial');
    expect(bannerOf({ ...standing, trial_end_at: '2026-12-10T12:00:00Z' })).toBeNull();
    expect(bannerOf(bought)).toBeNull();
    expect(mayPutAway('trial', standing)).toBe(true);
    expect(mayPutAway('trial', { ...standing, now: '2026-12-02T00:00:00Z' })).toBe(false);
  });

  it('tells apart why nothing can be written, and leaves no way to forget it', () => {
    expect(bannerOf({ ...standing, state: 'read_only' })).toBe('trial_over');
    expect(bannerOf({ ...bought, state: 'read_only' })).toBe('unpaid');
    expect(bannerOf({ ...bought, state: 'canceled' })).toBe('ended');
    expect(bannerOf({ ...bought, state: 'past_due' })).toBe('past_due');
    expect(bannerOf({ ...bought, state: 'active', crowded_since_at: '2026-11-20T12:00:00Z' })).toBe('crowded');
    for (const kind of ['trial_over', 'unpaid', 'ended', 'past_due', 'crowded'] as const) expect(mayPutAway(kind, bought)).toBe(false);
  });

  it('says when a cancelled plan ends, and nothing while all is well', () => {
    const leaving: BillingStanding = { ...bought, state: 'active', cancel_at: '2026-12-10T12:00:00Z' };
    expect(bannerOf(leaving)).toBe('leaving');
    expect(mayPutAway('leaving', leaving)).toBe(true);
    expect(bannerOf({ ...bought, state: 'active' })).toBeNull();
    expect(bannerOf(null)).toBeNull();
  });
});

describe('a smaller plan', () => {
  const row = (feature: string, more: object) => ({ feature, kind: 'limit', unit: '', name: feature, words: '', value: 100, used: 0, reserved: 0, source: 'plan' as const, expires_at: null, overage: null, ...more });
  const small = { ...offer('start', 1, 5), features: { storage_bytes: 50, domains: 1, delivered_bytes: 5, priority_support: 0, seats: 5 }, per_seat: { storage_bytes: 10 } };

  it('says what is in use and does not fit, and what it lacks', () => {
    const rows = [row('storage_bytes', { used: 60, reserved: 11 }), row('domains', { used: 1 }), row('priority_support', { kind: 'switch', value: 1, used: null, reserved: null })];
    expect(lostWith(small, 7, rows).map(({ row: { feature }, limit }) => [feature, limit])).toEqual([
      ['storage_bytes', 70],
      ['priority_support', 0],
    ]);
    expect(lostWith(small, 8, rows).map(({ row: { feature } }) => feature)).toEqual(['priority_support']);
  });

  it('takes nothing that was granted, no month and no seat', () => {
    expect(lostWith(small, 5, [row('domains', { used: 9, source: 'override' }), row('delivered_bytes', { kind: 'meter', used: 9 }), row('seats', { used: 9 })])).toEqual([]);
    expect(lostWith({ ...small, features: { storage_bytes: null } }, 5, [row('storage_bytes', { used: 999 })])).toEqual([]);
  });
});

describe('the next payment', () => {
  const card = { kind: 'card', brand: 'visa', last4: '4242', exp_month: 11, exp_year: 2026 };

  it('is by the card while it is good on the day, by invoice, or by nothing', () => {
    expect(paymentWay({ collection: 'card' }, card, '2026-11-30T23:00:00Z')).toBe('card');
    expect(paymentWay({ collection: 'card' }, card, '2026-12-01T00:00:00Z')).toBe('expires');
    expect(paymentWay({ collection: 'card' }, card, null)).toBe('card');
    expect(paymentWay({ collection: 'invoice' }, null, '2026-12-01T00:00:00Z')).toBe('invoice');
    expect(paymentWay({ collection: 'card' }, null, '2026-12-01T00:00:00Z')).toBe('none');
  });

  it('is at the end of the trial or of the period, and never after leaving', () => {
    expect(nextInvoiceAt({ ...team, period_end: '2027-01-01T00:00:00Z' })).toBe('2027-01-01T00:00:00Z');
    expect(nextInvoiceAt({ ...team, state: 'trialing', period_end: null })).toBe(trial.trial_end_at);
    expect(nextInvoiceAt({ ...team, period_end: '2027-01-01T00:00:00Z', cancel_at: '2027-01-01T00:00:00Z' })).toBeNull();
    expect(nextInvoiceAt(trial)).toBeNull();
  });
});
