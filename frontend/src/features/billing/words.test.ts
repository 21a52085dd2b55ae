import { describe, expect, it } from 'vitest';
import type { Subscription } from './model';
import { keptWords, standingOf } from './words';

const PLAN = { key: 'growth', name: 'Growth', version: 1, rank: 3 };
const TEAM = { key: 'team', name: 'Team', version: 1, rank: 2 };
const UNTIL = '2027-02-03T12:00:00Z';

const growth: Subscription = {
  state: 'active',
  plan: PLAN,
  interval: 'month',
  currency: 'usd',
  seats: 10,
  seats_used: 8,
  seats_kept: null,
  kept_until: null,
  kept_plan: null,
  is_kept_given: false,
  trial_end_at: null,
  period_start: '2027-01-01T00:00:00Z',
  period_end: '2027-02-01T00:00:00Z',
  past_due_since_at: null,
  read_only_at: null,
  crowded_since_at: null,
  owes: false,
  cancel_at: null,
  is_comp: false,
  is_at_stripe: true,
  seat_minor: 900,
  recurring_minor: 9000,
};

describe('what is had beside what is billed', () => {
  it('is nothing where nothing is', () => {
    expect(keptWords(growth)).toBeNull();
  });

  it('is a plan where the one that was given is higher', () => {
    const scale = { key: 'scale', name: 'Scale', version: 1, rank: 4 };
    const words = keptWords({ ...growth, kept_until: UNTIL, kept_plan: scale, is_kept_given: true, seats_kept: 50 });
    expect(words?.detail).toBe('Until then Scale with 50 seats works; afterwards Growth begins with 10 seats.');
  });

  it('is seats alone where the bought plan is the better one, which works already', () => {
    const words = keptWords({ ...growth, kept_until: UNTIL, kept_plan: null, is_kept_given: true, seats_kept: 50 });
    expect(words?.detail).toBe('Until then you have 50 seats, afterwards 10 seats. Everything else of Growth works already.');
  });

  it('is what was paid for and given up', () => {
    const kept = { ...growth, kept_until: UNTIL };
    expect(keptWords({ ...kept, kept_plan: { ...PLAN, version: 2 }, seats_kept: 12 })?.detail).toMatch(/^12 seats are paid for until then, 10 seats afterwards\. .* one of the 10 that stay/);
    expect(keptWords({ ...kept, plan: TEAM, kept_plan: PLAN, seats_kept: null })?.detail).toBe('Until then everything of Growth works; afterwards Team begins with 10 seats.');
  });
});

describe('more people than seats', () => {
  const crowded: Subscription = { ...growth, crowded_since_at: '2027-01-10T12:00:00Z', read_only_at: '2027-01-24T12:00:00Z' };
  const before = Date.parse('2027-01-20T12:00:00Z');
  const after = Date.parse('2027-01-25T12:00:00Z');

  it('says from when on nothing can be changed, and then that it is so', () => {
    expect(standingOf(crowded, false, before).detail).toMatch(/otherwise the studio is read-only from .*24.* on/);
    expect(standingOf(crowded, false, after).detail).toBe('The studio is read-only. Learners go on. Take more seats, or suspend people: either opens everything at once.');
    expect(standingOf({ ...crowded, read_only_at: null }, false, after).detail).toBe('Take more seats, or suspend people. Learners go on.');
  });

  it('comes before what else could be said of a plan that is on trial, and after what is unpaid', () => {
    expect(standingOf({ ...crowded, state: 'trialing', trial_end_at: UNTIL }, false, before).word).toBe('More people than seats');
    expect(standingOf({ ...crowded, state: 'past_due' }, false, before).word).toBe('Payment failed');
    expect(standingOf({ ...growth, state: 'trialing', trial_end_at: UNTIL }, false, before).word).toBe('On trial');
  });
});
