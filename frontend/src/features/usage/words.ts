import { t } from '@lingui/core/macro';
import type { Meter, Usage } from '@/api/types';
import { bytes } from '@/lib/size';

export type Month = Usage['months'][number];

const whole = (value: number) => value.toLocaleString('en-GB');

/** A figure with its unit. */
export function amount(unit: Meter['unit'], value: number): string {
  if (unit === 'bytes') return bytes(value);
  if (unit === 'minutes') return t`${whole(value)} min`;
  return whole(value);
}

export function meterName(key: string): string {
  switch (key) {
    case 'members':
      return t`Members`;
    case 'seen_lately':
      return t`Active in 30 days`;
    case 'courses':
      return t`Courses`;
    case 'enrollments':
      return t`Enrollments`;
    case 'film_minutes':
      return t`Video`;
    case 'delivered':
      return t`Delivered`;
    default:
      return key;
  }
}

export function kindName(kind: string): string {
  switch (kind) {
    case 'source':
      return t`Uploaded files`;
    case 'rendition':
      return t`Made for playing`;
    case 'image':
      return t`Pictures`;
    default:
      return kind;
  }
}

/** How full storage is, in thousandths; what is held for running uploads counts, for it can't be used twice. */
export function fullness(meter: Meter): number | null {
  if (meter.used === null || meter.limit === null || meter.limit === 0) return null;
  return Math.min(1000, Math.round(((meter.used + meter.reserved) / meter.limit) * 1000));
}

/** "Nov 2026" of "2026-11". */
export function monthName(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(Date.UTC(year, number - 1, 1));
}

/** The unit in which a series of bytes reads well, and how many bytes one is. */
export function unitFor(top: number): { word: string; size: number } {
  if (top >= 1e9) return { word: 'GB', size: 1e9 };
  if (top >= 1e6) return { word: 'MB', size: 1e6 };
  return { word: 'kB', size: 1e3 };
}

/** What the months say, in a sentence. */
export function monthsSentence(months: readonly Month[]): string {
  const joined = months.reduce((sum, month) => sum + month.joined, 0);
  const completed = months.reduce((sum, month) => sum + month.completed, 0);
  return t`${whole(joined)} joined and ${whole(completed)} courses were completed in twelve months.`;
}
