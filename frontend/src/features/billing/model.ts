import type { BillingStanding } from '@/lib/boot';
import type { components } from '@/api/schema';
import { brings, type Interval, type PlanOffer } from '@/features/pricing/model';

type Schemas = components['schemas'];

export type Billing = Schemas['BillingOut'];
export type Subscription = NonNullable<Billing['subscription']>;
export type Account = Billing['account'];
export type PaymentMethod = NonNullable<Billing['payment_method']>;
export type PlanChoice = Billing['plans'][number];
export type EntitlementRow = Billing['entitlements'][number];
export type Invoice = Schemas['InvoiceOut'];

export type Preview = Schemas['PlanPreviewOut'];
export type Cancellation = Schemas['CancellationOut'];

/** What somebody wants instead of what they have. */
export interface Wish {
  plan: string;
  interval: Interval;
  seats: number;
}

const DAY_MS = 86_400_000;

/** Whole days until then, counted up: "1 day" is said until the last minute. Never less than nothing. */
export function daysUntil(iso: string, now = Date.now()): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / DAY_MS));
}

/** Whether a plan is taken by Checkout: there is nothing at Stripe yet, or not any more, that could be changed. */
export function buysAnew({ state, is_at_stripe }: Pick<Subscription, 'state' | 'is_at_stripe'>): boolean {
  return !is_at_stripe || state === 'canceled';
}

/** Whether an invoice is unpaid: nothing is changed, and nothing bought anew, before it is paid. */
export function owesMoney(subscription: Pick<Subscription, 'state' | 'is_at_stripe' | 'owes'>): boolean {
  return subscription.owes || subscription.state === 'past_due' || (subscription.state === 'read_only' && !buysAnew(subscription));
}

/** Whether what was bought at Checkout has arrived here. */
export function hasArrived(subscription: Subscription): boolean {
  return !buysAnew(subscription) && subscription.state !== 'read_only';
}

/** Where somebody begins who opens the dialog: what they have, or the lowest plan with a seat for everybody. */
export function firstWish(subscription: Subscription, plans: readonly PlanChoice[], asked: Partial<Wish>): Wish {
  const anew = buysAnew(subscription);
  const sold = plans.toSorted((one, other) => one.rank - other.rank);
  const key = [asked.plan, anew ? undefined : subscription.plan.key, sold[0]?.key].find((known) => sold.some((plan) => plan.key === known));
  const plan = sold.find((known) => known.key === key);
  const least = Math.max(subscription.seats_used, plan?.seats_min ?? 1, 1);
  const begin = anew ? least : subscription.seats;
  return {
    plan: key ?? '',
    interval: asked.interval ?? (anew ? 'month' : subscription.interval),
    seats: Math.max(asked.seats ?? begin, least),
  };
}

/** Whether the wish is anything else than what is billed now. */
export function isChange(subscription: Subscription, wish: Wish): boolean {
  return wish.plan !== subscription.plan.key || wish.interval !== subscription.interval || wish.seats !== subscription.seats;
}

export type SeatsFault = 'none' | 'min' | 'used' | 'number';

/** Why so many seats cannot be had of this plan; "none" where they can. */
export function seatsFault(seats: number | undefined, plan: Pick<PlanOffer, 'seats_min'> | undefined, used: number): SeatsFault {
  if (seats === undefined || !Number.isInteger(seats) || seats < 1) return 'number';
  if (seats < used) return 'used';
  return plan && seats < plan.seats_min ? 'min' : 'none';
}

/** What the next interval costs without tax and overage: of a plan, for so many seats. */
export function recurring(plan: PlanOffer | undefined, wish: Wish, currency: string): number | undefined {
  const one = plan?.prices[currency]?.[wish.interval];
  return typeof one === 'number' ? one * wish.seats : undefined;
}

export interface Lost {
  row: EntitlementRow;
  /** What the plan would bring of it: less than what is in use, or 0 of a switch that is on now. */
  limit: number;
}

/** What a plan with so many seats has no room for, or not at all: what is there stays, and nothing is added to it. */
export function lostWith(plan: PlanOffer, seats: number, rows: readonly EntitlementRow[]): Lost[] {
  return rows.flatMap((row) => {
    // Seats have a sentence of their own, months begin anew, and what was granted stays granted.
    if (row.feature === 'seats' || row.kind === 'meter' || row.source === 'override') return [];
    const limit = brings(plan, row.feature, seats);
    if (limit === undefined || limit === null) return [];
    const has = row.kind === 'switch' ? (row.value ?? 0) : (row.used ?? 0) + (row.reserved ?? 0);
    return has > limit ? [{ row, limit }] : [];
  });
}

export type PaymentWay = 'invoice' | 'card' | 'expires' | 'none';

/** How the next invoice is paid; "expires" and "none" say that it cannot be, as things are. */
export function paymentWay(account: Pick<Account, 'collection'>, method: PaymentMethod | null, nextAt: string | null): PaymentWay {
  if (account.collection === 'invoice') return 'invoice';
  if (!method) return 'none';
  const { exp_month, exp_year } = method;
  // A card is good until the last day of its month.
  const isOver = nextAt !== null && exp_month !== null && exp_year !== null && Date.UTC(exp_year, exp_month, 1) <= Date.parse(nextAt);
  return isOver ? 'expires' : 'card';
}

/** When the next invoice is made; null where none is. */
export function nextInvoiceAt(subscription: Pick<Subscription, 'state' | 'is_at_stripe' | 'trial_end_at' | 'period_end' | 'cancel_at'>): string | null {
  if (buysAnew(subscription) || subscription.cancel_at !== null) return null;
  return subscription.state === 'trialing' ? subscription.trial_end_at : subscription.period_end;
}

export type BannerKind = 'trial' | 'past_due' | 'trial_over' | 'unpaid' | 'ended' | 'crowded' | 'leaving';

/** The trial's last days are said from here on. */
const TRIAL_WORDS_DAYS = 7;
/** From here on they cannot be put away any more. */
const TRIAL_LAST_DAYS = 2;

/** What an owner has to know on every page, or nothing. */
export function bannerOf(standing: BillingStanding | null): BannerKind | null {
  if (!standing) return null;
  const { state, is_at_stripe, trial_end_at, crowded_since_at, cancel_at } = standing;
  if (state === 'canceled') return 'ended';
  if (state === 'read_only') return is_at_stripe ? 'unpaid' : 'trial_over';
  if (state === 'past_due') return 'past_due';
  if (crowded_since_at) return 'crowded';
  if (cancel_at) return 'leaving';
  const ends = state === 'trialing' && !is_at_stripe && trial_end_at;
  return ends && daysUntil(ends, Date.parse(standing.now)) <= TRIAL_WORDS_DAYS ? 'trial' : null;
}

/** Whether a banner may be put away: what costs nothing to forget. */
export function mayPutAway(kind: BannerKind, standing: BillingStanding): boolean {
  if (kind === 'leaving') return true;
  return kind === 'trial' && daysUntil(standing.trial_end_at ?? standing.now, Date.parse(standing.now)) > TRIAL_LAST_DAYS;
}
