import { t } from '@lingui/core/macro';
import type { BillingUsage } from '@/api/types';
import { count, money, unitPrice } from '@/lib/money';
import { bytes } from '@/lib/size';
import { day } from '@/lib/time';

export type MonthMeter = BillingUsage['meters'][number];
export type Mode = 'cap' | 'overage';

/** A meter that begins anew each month; its key is the API's, too. */
export type FlowKey = 'delivered_bytes' | 'transcode_seconds';
export const FLOWS: readonly FlowKey[] = ['delivered_bytes', 'transcode_seconds'];

/** An amount in the unit in which the meter is sold. */
export function monthAmount(meter: string, value: number): string {
  if (meter === 'delivered_bytes') return bytes(value);
  const minutes = value / 60;
  // The first minute is told in seconds: "0 min" after a short film would read as nothing at all.
  if (minutes > 0 && minutes < 1) return t`${count(Math.round(value))} s`;
  return t`${count(Math.round(minutes))} min`;
}

export function flowName(meter: string): string {
  return meter === 'delivered_bytes' ? t`Delivered` : t`Encoded`;
}

/** What the meter counts, in a sentence. */
export function flowMeaning(meter: string): string {
  return meter === 'delivered_bytes'
    ? t`What players and browsers load of your videos.`
    : t`The length of the videos that are converted. Each counts once.`;
}

/** What happens at the limit where nothing is paid beyond it. */
export function capWords(meter: string): string {
  return meter === 'delivered_bytes'
    ? t`At 100 % previews in the studio wait; from 110 % on learners can’t begin videos. Nobody is cut off while watching.`
    : t`At 100 % new uploads are kept and wait to be converted. Everything converted plays on.`;
}

export function overageWords(meter: MonthMeter): string {
  const price = priceWords(meter);
  return price ? t`Nothing stops. ${price} beyond what is included, on your next invoice.` : t`Nothing stops. What is beyond is on your next invoice.`;
}

/** "€0.05 a GB", or nothing where more can't be paid for. */
export function priceWords(meter: MonthMeter): string {
  if (meter.overage_price === null || meter.currency === null) return '';
  const price = unitPrice(meter.overage_price, meter.currency);
  return meter.meter === 'delivered_bytes' ? t`${price} a GB` : t`${price} a minute`;
}

/** What the month will come to, and how that was reckoned. Nothing is said before anything was used. */
export function forecastWords(meter: MonthMeter): string {
  if (meter.forecast === null || meter.used === 0) return '';
  const amount = monthAmount(meter.meter, meter.forecast);
  const how = meter.forecast_by === 'weekdays' ? t`judging by the last four weeks` : t`if the month goes on as it began`;
  if (meter.forecast_minor !== null && meter.currency !== null && meter.forecast_minor > 0) {
    return t`About ${amount} by the end of the month, ${how}: ${money(meter.forecast_minor, meter.currency)} beyond what is included.`;
  }
  return t`About ${amount} by the end of the month, ${how}.`;
}

/** What is charged so far, where anything is. */
export function chargedWords(meter: MonthMeter): string {
  if (!meter.overage_amount) return '';
  const beyond = monthAmount(meter.meter, meter.overage_amount);
  if (meter.overage_minor === null || meter.currency === null) return t`${beyond} beyond what is included.`;
  return t`${beyond} beyond what is included: ${money(meter.overage_minor, meter.currency)} so far.`;
}

/** "Owners were told at 70 % on 12 Nov 2026 and at 90 % on …". */
export function toldWords(meter: MonthMeter): string {
  const last = meter.alerts.at(-1);
  return last ? t`Owners were told at ${last.percent} % on ${day(last.told_at)}.` : '';
}

/** The state in which a month's meter is, for its colour and its first words. */
export function tightness(meter: MonthMeter): 'easy' | 'tight' | 'full' {
  if (meter.percent === null || meter.mode === 'overage') return 'easy';
  if (meter.percent >= 100) return 'full';
  return meter.percent >= 90 ? 'tight' : 'easy';
}
