import { plural, t } from '@lingui/core/macro';
import type { Dispatcher } from '@/api/staff';
import { ago, count, span } from '@/features/staff-kit/age';
import type { StatusTone } from '@/ui/status';

/** Oldest waiting work that is still no reason to look, and the one from which somebody waits in earnest. */
const LOOK_SECONDS = 60;
const FAILED_SECONDS = 15 * 60;

/** A tone by how long the oldest has waited. */
export function lagTone(waited: number): StatusTone {
  if (waited <= LOOK_SECONDS) return 'fine';
  return waited <= FAILED_SECONDS ? 'look' : 'failed';
}

/** "1.4 s" while short, then as elsewhere: percentiles are compared below a second. */
export function seconds(value: number): string {
  return value < 10 ? `${(Math.round(value * 10) / 10).toLocaleString('en-GB')}\u00a0s` : span(value);
}

/** "40 ms", "1.4 s", "3 min": how long a turn took. */
export function took(milliseconds: number): string {
  return milliseconds < 1000 ? `${count(Math.round(milliseconds))}\u00a0ms` : seconds(milliseconds / 1000);
}

type Duty = Dispatcher['duties'][number];

/** Its last turn ended badly: nothing since says otherwise. */
export const failing = (duty: Duty): boolean => duty.failed_at !== null && (duty.ended_at === null || new Date(duty.failed_at) >= new Date(duty.ended_at));

/** Late by more than its own period, and than a little: a duty of every second may be two late. */
export const isLate = (duty: Duty): boolean => duty.lag_seconds > Math.max(duty.period_seconds, 30);

export function dutyTone(duty: Duty): StatusTone {
  if (failing(duty)) return 'failed';
  if (duty.running) return 'running';
  if (duty.started_at === null) return 'off';
  return isLate(duty) ? 'look' : 'fine';
}

/** Those that need somebody first, then the rest by name. */
export function ordered(duties: readonly Duty[]): Duty[] {
  const weight = (duty: Duty) => (failing(duty) ? 0 : isLate(duty) ? 1 : 2);
  return [...duties].sort((one, two) => weight(one) - weight(two) || one.name.localeCompare(two.name));
}

/** When its next turn is: in words relative to `at`. */
export function nextTurn(duty: Duty, at: number = Date.now()): string {
  if (duty.running) return t`Running`;
  if (duty.next_due_at === null) return t`At once`;
  const wait = (new Date(duty.next_due_at).getTime() - at) / 1000;
  if (wait >= 1) return t`in ${span(wait)}`;
  return isLate(duty) ? t`${span(duty.lag_seconds)} late` : t`Now`;
}

/** What somebody on duty has to know first, worst first: a sentence each. */
export function troubles(found: Dispatcher): string[] {
  const { heartbeat, broker, schedule, outbox, duties } = found;
  const words: string[] = [];
  if (!heartbeat.alive) {
    words.push(heartbeat.beat_at ? t`No dispatcher has been heard of for ${ago(heartbeat.beat_at)}. What is due waits; nothing is lost.` : t`No dispatcher has ever led. What is due waits; nothing is lost.`);
  }
  if (!broker.reachable) words.push(t`The broker does not answer: no job is handed out. What waits is in the database, and goes on by itself.`);
  if (outbox.parked > 0) words.push(plural(outbox.parked, { one: '# event delivery gave up and waits for somebody.', other: '# event deliveries gave up and wait for somebody.' }));
  const failed = duties.filter(failing).length;
  if (failed > 0) words.push(plural(failed, { one: '# duty failed at its last turn.', other: '# duties failed at their last turn.' }));
  if (outbox.lag_seconds > LOOK_SECONDS) words.push(t`The oldest event has waited for ${span(outbox.lag_seconds)}.`);
  if (schedule.overdue > 0 && schedule.lag_seconds > LOOK_SECONDS) {
    words.push(plural(schedule.overdue, { one: '# turn of an organization is overdue.', other: '# turns of organizations are overdue.' }));
  }
  return words;
}
