import { plural, t } from '@lingui/core/macro';

/** Plain English means ours, which is British: the day before the month. */
const locale = () => {
  const lang = document.documentElement.lang || 'en';
  return lang === 'en' ? 'en-GB' : lang;
};

/** "12:43" or "1:02:07": a place in a video. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "5 h 40 min", "7 min", "48 s": how long something takes. No-break spaces before the units. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const rest = minutes % 60;
  const hours = `${Math.floor(minutes / 60)}\u00a0h`;
  return rest > 0 ? `${hours} ${rest}\u00a0min` : hours;
}

/** "14 November 2026", in the page's language. */
export function day(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(new Date(iso));
}

/** "Today", "Yesterday", "6 days ago", else the day: when someone was last seen. Takes a date or a moment. */
export function daysAgo(iso: string, today = new Date()): string {
  const then = new Date(iso.length === 10 ? `${iso}T00:00:00` : iso);
  const days = Math.round((startOfDay(today) - startOfDay(then)) / 86_400_000);
  if (days <= 0) return t`Today`;
  if (days === 1) return t`Yesterday`;
  if (days < 14) return plural(days, { one: '# day ago', other: '# days ago' });
  return day(iso);
}

/** "14 Nov 2026, 09:41": when something was done, by this browser's own clock. */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

function startOfDay(of: Date): number {
  return new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
}
