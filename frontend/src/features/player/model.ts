import { plural, t } from '@lingui/core/macro';
import type { EngineFault, Quality } from './engine/types';
import type { GrantRefusal } from './grant';
import type { Span } from './ranges';

/** What the player needs to know of a lesson's video; times in seconds of its timeline. */
export interface PlayerVideo {
  assetId: string;
  timelineId: string;
  duration: number;
  /** Where this person stopped last, on any device. */
  position: number;
  /** Seconds seen so far, by the server's map. */
  watched: readonly Span[];
  captions: readonly CaptionTrack[];
  posterUrl: string | null;
  chapters: readonly Chapter[];
}

export interface CaptionTrack {
  id: string;
  language: string;
  label: string;
  isDefault: boolean;
  url: string;
}

export interface Chapter {
  start: number;
  title: string;
}

export type PlayerFault = EngineFault | GrantRefusal | 'offline';

const NBSP = '\u00a0';

/** "12:43", "1:02:03": the clock of the controls. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** "12 minutes 43 seconds": the clock for a screen reader. */
export function spokenClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const parts: string[] = [];
  if (hours > 0) parts.push(plural(hours, { one: '# hour', other: '# hours' }));
  if (minutes > 0) parts.push(plural(minutes, { one: '# minute', other: '# minutes' }));
  if (rest > 0 || parts.length === 0) parts.push(plural(rest, { one: '# second', other: '# seconds' }));
  return parts.join(' ');
}

/** "36 %" from permille, rounded down: never more than the truth. */
export function percent(permille: number): string {
  return `${Math.floor(permille / 10)}${NBSP}%`;
}

/** A position this close to the beginning is not worth resuming, this close to the end means "again". */
const RESUME_FROM_SECONDS = 5;
const RESUME_UNTIL_END_SECONDS = 10;

/** Where to begin: the address wins, then the saved place, else the beginning. `resumed` says whether to mention it. */
export function startPosition(requested: number | null, saved: number, duration: number): { at: number; resumed: boolean } {
  const last = Math.max(0, duration - 1);
  if (requested !== null && Number.isFinite(requested) && requested >= 0) return { at: Math.min(requested, last), resumed: false };
  if (saved < RESUME_FROM_SECONDS || (duration > 0 && saved > duration - RESUME_UNTIL_END_SECONDS)) return { at: 0, resumed: false };
  return { at: saved, resumed: true };
}

/** "83", "1m23s", "1h2m", "1:23" from `?t=`; null when it says nothing we understand. */
export function parseTimeParameter(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null;
  if (typeof value !== 'string') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const colons = /^(?:(\d+):)?(\d{1,2}):(\d{2})$/.exec(value);
  if (colons) return Number(colons[1] ?? 0) * 3600 + Number(colons[2]) * 60 + Number(colons[3]);
  const units = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(value);
  if (!units || value === '') return null;
  return Number(units[1] ?? 0) * 3600 + Number(units[2] ?? 0) * 60 + Number(units[3] ?? 0);
}

/** Chapter segments of the scrub bar; one segment over everything when there are no chapters. */
export function segments(chapters: readonly Chapter[], duration: number): { from: number; to: number; title: string | null }[] {
  if (!(duration > 0)) return [];
  const inside = chapters.filter((chapter) => chapter.start >= 0 && chapter.start < duration).sort((a, b) => a.start - b.start);
  if (inside.length === 0) return [{ from: 0, to: duration, title: null }];
  const starts = inside[0]!.start > 0 ? [{ start: 0, title: '' }, ...inside] : inside;
  return starts.map((chapter, index) => ({ from: chapter.start, to: starts[index + 1]?.start ?? duration, title: chapter.title || null }));
}

/** The chapter being played, or null. */
export function chapterAt(chapters: readonly Chapter[], time: number): Chapter | null {
  let current: Chapter | null = null;
  for (const chapter of chapters) if (chapter.start <= time) current = chapter;
  return current;
}

export function qualityName(quality: Quality): string {
  if (quality.height > 0) return `${quality.height}p`;
  return `${Math.round(quality.bitrate / 1000)}${NBSP}kbit/s`;
}

/** One row for each picture size, the best first: two bitrates of one size are one choice to a person. */
export function qualityChoices(qualities: readonly Quality[]): Quality[] {
  const best = new Map<string, Quality>();
  for (const quality of qualities) {
    const name = qualityName(quality);
    const known = best.get(name);
    if (!known || known.bitrate < quality.bitrate) best.set(name, quality);
  }
  return [...best.values()].sort((a, b) => b.height - a.height || b.bitrate - a.bitrate);
}

export interface FaultWords {
  title: string;
  detail: string;
  /** Label of the one way on; null when waiting is the only thing to do. */
  action: string | null;
}

/** What happened, what is safe, one way on. `at` is where playback stood, in seconds. */
export function faultWords(fault: PlayerFault, at: number): FaultWords {
  const place = clock(at);
  const safe = at >= 1 ? t`Your place (${place}) is safe.` : '';
  const again = t`Try again`;
  const join = (...parts: string[]) => parts.filter(Boolean).join(' ');
  switch (fault) {
    case 'offline':
      return { title: t`No network`, detail: join(safe, t`It goes on by itself when the network is back.`), action: t`Try now` };
    case 'network':
      return { title: t`The video stopped arriving`, detail: join(t`The connection or the server did not answer.`, safe), action: again };
    case 'forbidden':
    case 'ended':
      return {
        title: t`Your access to this video ended`,
        detail: join(t`Your enrolment may have changed.`, safe, t`Ask the people who run this course.`),
        action: again,
      };
    case 'signed-out':
      return { title: t`You are signed out`, detail: join(safe, t`Sign in again to go on.`), action: t`Sign in` };
    case 'busy':
      return {
        title: t`Playing somewhere else`,
        detail: join(t`This account plays in too many places at once. Stop one of them and try again.`, safe),
        action: again,
      };
    case 'paused':
      return {
        title: t`Videos are paused for now`,
        detail: join(t`Your organization has used up its video traffic for this month. Everything else goes on.`, safe, t`Ask the people who run this course when videos will be back.`),
        action: again,
      };
    case 'missing':
      return { title: t`This video is not here yet`, detail: join(t`It is being prepared or was replaced just now.`, safe), action: again };
    case 'media':
      return { title: t`This browser could not decode the video`, detail: join(safe, t`A newer browser plays it.`), action: again };
    case 'unsupported':
      return {
        title: t`This browser cannot play our videos`,
        detail: t`Current versions of Chrome, Edge, Firefox and Safari do. The transcript can be read here.`,
        action: null,
      };
  }
}
