import { t } from '@lingui/core/macro';
import type { BillingPanel, PanelFeature, PanelSubscription } from '@/api/staff';
import { bytes } from '@/lib/size';
import { count } from '@/features/staff-kit/age';
import type { StatusTone } from '@/ui/status';

export function standingWord(subscription: PanelSubscription): string {
  switch (subscription.state) {
    case 'trialing':
      return subscription.is_comp ? t`Given without charge` : t`On trial`;
    case 'active':
      return subscription.is_comp ? t`Given without charge` : t`Paying`;
    case 'past_due':
      return t`Past due`;
    case 'read_only':
      return t`Read-only`;
    default:
      return t`Canceled`;
  }
}

const TONES: Record<string, StatusTone> = { trialing: 'running', active: 'fine', past_due: 'look', read_only: 'failed', canceled: 'off' };
export const standingTone = (state: string): StatusTone => TONES[state] ?? 'off';

/** "12 of 20", "3.2 GB of 50 GB", "On": a feature as the organization has it. */
export function featureWord(line: PanelFeature): string {
  if (line.kind === 'switch') return line.value ? t`On` : t`Off`;
  const has = line.value === null ? t`no limit` : amount(line.value, line.unit);
  return line.used === null ? has : t`${amount(line.used, line.unit)} of ${has}`;
}

export function amount(value: number, unit: string): string {
  if (unit === 'bytes') return bytes(value);
  if (unit === 'seconds') return `${count(Math.round(value / 60))}\u00a0min`;
  return count(value);
}

/** What people write an amount in, and how many of the feature's own units one of it is: nobody types bytes. */
export function written(unit: string): { in: string | null; each: number } {
  if (unit === 'bytes') return { in: t`GB`, each: 1_000_000_000 };
  if (unit === 'seconds') return { in: t`minutes`, each: 60 };
  return { in: null, each: 1 };
}

/** How much of it is used, 0..1; null where nothing bounds it. */
export const share = (line: PanelFeature): number | null => (line.kind === 'switch' || line.used === null || !line.value ? null : line.used / line.value);

/** The last second of a day that somebody chose, as a moment: who is given something until the 3rd has the 3rd. */
export const endOf = (day: string): string => `${day}T23:59:59Z`;

/** The first day that may be chosen and one a month away, by the account's own time. */
export function days(panel: Pick<BillingPanel, 'ahead_seconds'>, at: number = Date.now()): { first: string; month: string } {
  const day = (moment: number) => new Date(moment).toISOString().slice(0, 10);
  const here = at + panel.ahead_seconds * 1000;
  return { first: day(here), month: day(here + 30 * 86_400_000) };
}

/** "12.50" as 1250; null where it is no amount. Digits are read, so that no cent is lost to a fraction. */
export function minorOf(text: string): number | null {
  const found = /^(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  if (!found) return null;
  const minor = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
  return minor > 0 ? minor : null;
}

/** What may be given: whoever pays at Stripe is given credit, everybody else a plan or a longer trial. */
export function acts(panel: BillingPanel): { plan: boolean; trial: boolean; credit: boolean; version: boolean } {
  const subscription = panel.subscription;
  const pays = Boolean(subscription?.is_at_stripe) && subscription?.state !== 'canceled';
  return {
    plan: !pays,
    trial: !pays && Boolean(subscription?.trial_end_at) && subscription?.state !== 'canceled',
    credit: panel.is_configured,
    version: pays && subscription !== null && subscription.newest_version !== null && subscription.newest_version > subscription.version,
  };
}
