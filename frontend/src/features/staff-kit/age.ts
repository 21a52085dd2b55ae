import { t } from '@lingui/core/macro';

const NBSP = '\u00a0';

/** "48 s", "12 min", "3 h", "6 days": one unit, so that a column of them can be compared by eye. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}${NBSP}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${NBSP}min`;
  if (whole < 2 * 86_400) return `${Math.floor(whole / 3600)}${NBSP}h`;
  return `${Math.floor(whole / 86_400)}${NBSP}${t`days`}`;
}

/** How long ago a moment was; "now" for the last minute. */
export function ago(iso: string, at: number = Date.now()): string {
  const seconds = (at - new Date(iso).getTime()) / 1000;
  return seconds < 60 ? t`now` : span(seconds);
}

/** "2 March, 14:05": a moment in the reader's own zone, the year only where it is another one. */
export function moment(iso: string, at: Date = new Date()): string {
  const date = new Date(iso);
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(date.getFullYear() === at.getFullYear() ? {} : { year: 'numeric' as const }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
}

/** "14:05" today, "Yesterday", else "2 Mar": the first column of a timeline. */
export function timelineTime(iso: string, at: Date = new Date()): string {
  const date = new Date(iso);
  const start = (value: Date) => new Date(value.getFullYear(), value.getMonth(), value.getDate()).getTime();
  const days = Math.round((start(at) - start(date)) / 86_400_000);
  if (days <= 0) return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(date);
  if (days === 1) return t`Yesterday`;
  const sameYear = date.getFullYear() === at.getFullYear();
  return new Intl.DateTimeFormat('en-GB', sameYear ? { day: 'numeric', month: 'short' } : { day: 'numeric', month: 'short', year: '2-digit' }).format(date);
}

/** 1234567 as "1,234,567". */
export const count = (value: number) => value.toLocaleString('en-GB');
