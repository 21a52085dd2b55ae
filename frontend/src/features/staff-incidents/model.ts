import { t } from '@lingui/core/macro';
import type { Incident, IncidentUpdate, PublicStatus } from '@/api/staff';
import type { StatusTone } from '@/ui/status';

export type PartKey = Incident['parts'][number];
export const PARTS: readonly PartKey[] = ['pages', 'lessons', 'video', 'progress', 'work'];
export const IMPACTS: readonly Incident['impact'][] = ['degraded', 'outage', 'maintenance'];
export const SAID: readonly IncidentUpdate['state'][] = ['investigating', 'identified', 'watching', 'resolved'];

export function partWord(key: PartKey): string {
  switch (key) {
    case 'pages':
      return t`Pages and sign-in`;
    case 'lessons':
      return t`Courses and lessons`;
    case 'video':
      return t`Video`;
    case 'progress':
      return t`Progress`;
    case 'work':
      return t`Mail and background work`;
  }
}

export function impactWord(impact: Incident['impact']): string {
  if (impact === 'outage') return t`Down`;
  return impact === 'maintenance' ? t`Maintenance` : t`Not as it should be`;
}

export function saidWord(state: IncidentUpdate['state']): string {
  switch (state) {
    case 'investigating':
      return t`Looking into it`;
    case 'identified':
      return t`Cause found`;
    case 'watching':
      return t`Watching`;
    case 'resolved':
      return t`Over`;
  }
}

export function publicWord(state: PublicStatus['state']): string {
  switch (state) {
    case 'good':
      return t`Works`;
    case 'degraded':
      return t`Not as it should be`;
    case 'down':
      return t`Down`;
    case 'maintenance':
      return t`In maintenance`;
    case 'unknown':
      return t`Not checked lately`;
  }
}

const TONES: Record<PublicStatus['state'], StatusTone> = { good: 'fine', degraded: 'look', down: 'failed', maintenance: 'running', unknown: 'off' };
export const publicTone = (state: PublicStatus['state']): StatusTone => TONES[state];

export type Standing = 'going_on' | 'planned' | 'over';

/** Where an incident stands at a moment. */
export function standingOf(one: Pick<Incident, 'started_at' | 'resolved_at'>, now: number = Date.now()): Standing {
  if (one.resolved_at !== null) return 'over';
  return new Date(one.started_at).getTime() > now ? 'planned' : 'going_on';
}

export interface DraftProblems {
  title?: string;
  parts?: string;
  body?: string;
}

/** What keeps an incident from being told. */
export function problemsOf(draft: { title: string; parts: readonly string[]; body: string }): DraftProblems {
  return {
    ...(draft.title.trim() === '' ? { title: t`Say in a few words what people notice.` } : {}),
    ...(draft.parts.length === 0 ? { parts: t`Choose what it is about.` } : {}),
    ...(draft.body.trim() === '' ? { body: t`Say what is known, even if that is little.` } : {}),
  };
}
