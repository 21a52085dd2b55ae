import { plural, t } from '@lingui/core/macro';
import type { Fleet } from '@/api/staff';
import { count, span } from '@/features/staff-kit/age';

export interface Trouble {
  /** For the strip: two or three words. */
  short: string;
  /** A whole sentence for the page. */
  words: string;
}

/** Oldest waiting event that is still no reason to look. */
const LAG_SECONDS = 60;

/** What somebody on duty should look at, worst first. Empty when all is well. */
export function trouble(fleet: Fleet): Trouble[] {
  const found: Trouble[] = [];
  const { parked, lag_seconds: lag, pending } = fleet.outbox;
  if (parked > 0) {
    const words = plural(parked, { one: '# event delivery gave up and waits for somebody.', other: '# event deliveries gave up and wait for somebody.' });
    found.push({ short: t`${count(parked)} parked`, words });
  }
  const failed = fleet.transcodes.failed_24h;
  if (failed > 0) {
    found.push({
      short: plural(failed, { one: '# film failed', other: '# films failed' }),
      words: plural(failed, { one: '# film could not be prepared in the last 24 h.', other: '# films could not be prepared in the last 24 h.' }),
    });
  }
  if (lag > LAG_SECONDS) {
    found.push({ short: t`Events ${span(lag)} late`, words: t`The oldest of ${count(pending)} waiting events is ${span(lag)} old.` });
  }
  const broken = fleet.organizations.by_state['failed'] ?? 0;
  if (broken > 0) {
    found.push({
      short: plural(broken, { one: '# not made', other: '# not made' }),
      words: plural(broken, { one: '# organization could not be made.', other: '# organizations could not be made.' }),
    });
  }
  return found;
}

/** A queue's tone by the age of what waits longest. */
export function queueTone(oldestSeconds: number): 'fine' | 'look' | 'failed' {
  if (oldestSeconds <= LAG_SECONDS) return 'fine';
  return oldestSeconds <= 15 * 60 ? 'look' : 'failed';
}

/** "3 organizations are behind release 42", or that none is. */
export function releaseSentence(releases: Fleet['releases'], current: number | null = null): string {
  const newest = Math.max(current ?? 0, ...releases.map((release) => release.number));
  const behind = releases.filter((release) => release.number < newest).reduce((sum, release) => sum + release.count, 0);
  const name = String(newest).padStart(4, '0');
  if (releases.length === 0) return t`No organization has a schema yet.`;
  if (behind === 0) return t`Every organization is on ${name}.`;
  return plural(behind, { one: `# organization is behind ${name}.`, other: `# organizations are behind ${name}.` });
}

/** How the last week of sign-ups compares with the one before, in words. */
export function signUpSentence(days: readonly { count: number }[]): string {
  const sum = (part: readonly { count: number }[]) => part.reduce((total, day) => total + day.count, 0);
  const last = sum(days.slice(-7));
  const before = sum(days.slice(-14, -7));
  if (last === 0 && before === 0) return t`No sign-ups in two weeks.`;
  if (last === before) return t`${count(last)} in the last 7 days, as in the 7 before.`;
  return t`${count(last)} in the last 7 days, ${count(before)} in the 7 before.`;
}

/** One square stands for this many organizations: ten, unless there are so few that one each says more. */
export const perSquare = (total: number) => (total > 120 ? 10 : 1);

export interface Square {
  state: string;
  /** How many organizations this square stands for. */
  of: number;
}

/** Squares by state; a part of ten still gets a square, or three suspended organizations would vanish. */
export function squares(byState: Readonly<Record<string, number>>, order: readonly string[], per: number): Square[] {
  return order.flatMap((state) => {
    const number = byState[state] ?? 0;
    return Array.from({ length: Math.ceil(number / per) }, (_, index) => ({ state, of: Math.min(per, number - index * per) }));
  });
}
