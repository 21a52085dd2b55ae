import { t } from '@lingui/core/macro';
import type { Cohort, ComparisonLine, Movement, Revenue, RevenueMonth } from '@/api/staff';
import type { StatusTone } from '@/ui/status';

export type Kind = Movement['kind'];

/** In the order in which a month is told. */
export const KINDS: readonly Kind[] = ['new', 'expansion', 'reactivation', 'contraction', 'churn'];

export function kindWord(kind: Kind): string {
  switch (kind) {
    case 'new':
      return t`New`;
    case 'expansion':
      return t`Expansion`;
    case 'reactivation':
      return t`Back again`;
    case 'contraction':
      return t`Contraction`;
    case 'churn':
      return t`Churn`;
  }
}

export const movedBy = (month: RevenueMonth, kind: Kind): number => month[`${kind}_minor`];

/** "Nov 2026" from "2026-11". */
export function monthWord(month: string): string {
  const [year, of] = month.split('-').map(Number);
  return new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(Date.UTC(year ?? 2000, (of ?? 1) - 1, 1)));
}

/** "4.2 %" from hundredths of a percent; a dash where there was nothing to take a share of. */
export function percent(hundredths: number | null): string {
  if (hundredths === null) return '–';
  return `${(hundredths / 100).toLocaleString('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 })}\u00a0%`;
}

/** What the present month has moved so far. */
export const net = (month: RevenueMonth): number => month.closing_minor - month.opening_minor;

/** Of months that held anything, newest first: nobody reads a year of noughts. */
export function told(revenue: Revenue): RevenueMonth[] {
  const first = revenue.months.findIndex((month) => month.opening_minor !== 0 || month.closing_minor !== 0 || month.customers_came > 0 || month.paid_minor > 0);
  return (first < 0 ? revenue.months.slice(-1) : revenue.months.slice(first)).toReversed();
}

/** The currency that is shown: the one asked for, else the one with the most customers. */
export function chosen(currencies: readonly Revenue[], asked: string | undefined): Revenue | undefined {
  return currencies.find((found) => found.currency === asked) ?? currencies.toSorted((one, two) => two.customers - one.customers)[0];
}

/** Conversion over all cohorts that are over: who still tries, or was given a plan, has decided nothing. */
export function conversion(cohorts: readonly Cohort[]): number | null {
  const converted = cohorts.reduce((sum, line) => sum + line.converted, 0);
  const decided = converted + cohorts.reduce((sum, line) => sum + line.lapsed, 0);
  return decided === 0 ? null : Math.round((converted * 10_000) / decided);
}

export const isPending = (line: Pick<ComparisonLine, 'state'>): boolean => line.state === 'asked' || line.state === 'running';

export function comparisonTone(line: ComparisonLine): StatusTone {
  if (isPending(line)) return 'running';
  if (line.state === 'failed') return 'failed';
  if (line.differences > 0) return 'look';
  return line.with_stripe ? 'fine' : 'off';
}

export function comparisonWord(line: ComparisonLine): string {
  if (line.state === 'asked') return t`Waits for a worker`;
  if (line.state === 'running') return t`Being compared`;
  if (line.state === 'failed') return t`Failed`;
  if (line.differences > 0) return line.differences === 1 ? t`1 difference` : t`${line.differences} differences`;
  return line.with_stripe ? t`All agree` : t`Our own rows agree`;
}
