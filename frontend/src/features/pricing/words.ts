import { plural, t } from '@lingui/core/macro';
import { count } from '@/lib/money';
import { bytes } from '@/lib/size';

const NBSP = '\u00a0';
const GB = 10 ** 9;

/** What a feature of the plans is called. */
export function featureName(feature: string): string {
  switch (feature) {
    case 'seats':
      return t`Seats`;
    case 'storage_bytes':
      return t`Storage`;
    case 'domains':
      return t`Domains of your own`;
    case 'transcode_seconds':
      return t`Video encoded a month`;
    case 'delivered_bytes':
      return t`Video watched a month`;
    case 'sso':
      return t`Single sign-on, in preparation`;
    case 'mfa':
      return t`Second step at sign-in`;
    case 'audit':
      return t`Audit log`;
    case 'export':
      return t`Full export of your data`;
    case 'priority_support':
      return t`Priority support`;
    default:
      return feature.replaceAll('_', ' ');
  }
}

const SWITCHES = new Set(['sso', 'mfa', 'audit', 'export', 'priority_support']);

export const isSwitch = (feature: string) => SWITCHES.has(feature);

/** How much of a feature, in the unit that people count it in: "250 GB", "3,000 min", "3". */
export function featureAmount(feature: string, value: number | null): string {
  if (value === null) return t`No limit`;
  if (feature === 'storage_bytes' || feature === 'delivered_bytes') return value % GB === 0 ? `${count(value / GB)}${NBSP}GB` : bytes(value);
  if (feature === 'transcode_seconds') return minutes(value);
  return count(value);
}

/** "600 min": encoding is counted in seconds and sold in minutes. */
export function minutes(seconds: number): string {
  return `${count(Math.round(seconds / 60))}${NBSP}min`;
}

/** What one unit beyond the included amount is: the unit of its price. */
export function overageUnit(meter: string): string {
  return meter === 'transcode_seconds' ? t`a minute` : t`a GB`;
}

export function seatsWord(seats: number): string {
  return plural(seats, { one: '# seat', other: '# seats' });
}
