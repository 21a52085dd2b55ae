import type { components } from '@/api/schema';

export type Interval = 'month' | 'year';

/** A plan as it is sold now: prices in minor units for one seat and interval, and what it brings. */
export type PlanOffer = components['schemas']['PlanOut'];

export const CURRENCIES = ['usd', 'eur', 'gbp'] as const;
export type Currency = (typeof CURRENCIES)[number];

/** Nobody buys fewer seats of a plan than it begins with. */
export function seatsBilled(plan: Pick<PlanOffer, 'seats_min'>, seats: number): number {
  return Math.max(seats, plan.seats_min);
}

/** What one seat costs an interval in minor units; undefined where the plan is not sold so. */
export function seatPrice(plan: PlanOffer, interval: Interval, currency: string): number | undefined {
  return plan.prices[currency]?.[interval] ?? undefined;
}

/** What so many seats cost an interval, in minor units, before tax. */
export function priceOf(plan: PlanOffer, interval: Interval, currency: string, seats: number): number | undefined {
  const one = seatPrice(plan, interval, currency);
  return one === undefined ? undefined : one * seatsBilled(plan, seats);
}

/** How many months a year's price leaves out, against twelve single ones. */
export function monthsFree(plan: PlanOffer, currency: string): number {
  const month = seatPrice(plan, 'month', currency);
  const year = seatPrice(plan, 'year', currency);
  return month && year !== undefined ? Math.round((12 * month - year) / month) : 0;
}

/** How much of a feature so many seats bring; null without end, undefined where the plan does not know it. */
export function brings(plan: PlanOffer, feature: string, seats: number): number | null | undefined {
  const base = plan.features[feature];
  if (base === undefined || base === null) return base;
  return base + (plan.per_seat[feature] ?? 0) * (seatsBilled(plan, seats) - plan.seats_min);
}

/** Countries that pay in euros: where a visitor's language names one, prices begin in it. */
const EURO = new Set('AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' '));

/** The currency to begin with, from the regions that a browser's languages name. */
export function likelyCurrency(languages: readonly string[]): Currency {
  for (const language of languages) {
    const region = /-([A-Z]{2})\b/.exec(language)?.[1];
    if (region === 'GB') return 'gbp';
    if (region && EURO.has(region)) return 'eur';
    if (region) return 'usd';
  }
  return 'usd';
}

/** Positions of the slider, 0 to 100, spread so that small organizations have as much room as large ones. */
const STEPS = [
  ...Array.from({ length: 46 }, (_, at) => at + 5),
  ...Array.from({ length: 15 }, (_, at) => 60 + at * 10),
  ...Array.from({ length: 16 }, (_, at) => 250 + at * 50),
];

export const MOST_SEATS = 10_000;
export const LAST_STEP = STEPS.length - 1;

export function seatsAt(step: number): number {
  return STEPS[Math.min(Math.max(Math.round(step), 0), LAST_STEP)] ?? 5;
}

/** The step whose seats are nearest from below; the last for what lies beyond the slider. */
export function stepOf(seats: number): number {
  const above = STEPS.findIndex((value) => value > seats);
  return above === -1 ? LAST_STEP : Math.max(0, above - 1);
}

/** A typed or linked number of seats, or nothing if it is none. */
export function readSeats(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,6}$/.test(text.trim())) return undefined;
  const value = Number(text);
  return value >= 1 && value <= MOST_SEATS ? value : undefined;
}
