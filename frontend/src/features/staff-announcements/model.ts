import { plural, t } from '@lingui/core/macro';
import type { Announcement } from '@/api/staff';
import { spaced } from '@/features/staff-kit/words';

export type AnnouncementState = 'scheduled' | 'showing' | 'ended';

/** Where an announcement stands at a moment. */
export function stateOf(one: Pick<Announcement, 'starts_at' | 'ends_at'>, now: number = Date.now()): AnnouncementState {
  if (one.ends_at !== null && new Date(one.ends_at).getTime() <= now) return 'ended';
  return new Date(one.starts_at).getTime() > now ? 'scheduled' : 'showing';
}

export function surfaceWord(surface: string): string {
  switch (surface) {
    case 'learn':
      return t`Learners`;
    case 'studio':
      return t`Studio`;
    case 'staff':
      return t`Staff`;
    default:
      return spaced(surface);
  }
}

/** Who sees it, in one line. */
export function audienceWords({ surfaces, audience }: Pick<Announcement, 'surfaces' | 'audience'>): string {
  const where = surfaces.map(surfaceWord).join(', ');
  const parts = [
    ...(audience.organizations?.length ? [plural(audience.organizations.length, { one: '# organization', other: '# organizations' })] : []),
    ...(audience.plans?.length ? [t`plan ${audience.plans.join(', ')}`] : []),
    ...(audience.roles?.length ? [audience.roles.map(spaced).join(', ')] : []),
  ];
  return parts.length === 0 ? where : t`${where}: ${parts.join('; ')}`;
}

/** A moment as `datetime-local` wants it, in the reader's own zone. */
export function toField(iso: string | null): string {
  if (iso === null) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that a `datetime-local` field means, or null. */
export const fromField = (text: string): string | null => (text === '' ? null : new Date(text).toISOString());

export interface DraftProblems {
  title?: string;
  surfaces?: string;
  ends_at?: string;
}

/** What keeps a draft from being saved. */
export function problemsOf(draft: Pick<Announcement, 'title' | 'surfaces' | 'starts_at' | 'ends_at'>): DraftProblems {
  return {
    ...(draft.title.trim() === '' ? { title: t`Give it a first sentence.` } : {}),
    ...(draft.surfaces.length === 0 ? { surfaces: t`Choose where it shows.` } : {}),
    ...(draft.ends_at !== null && new Date(draft.ends_at) <= new Date(draft.starts_at) ? { ends_at: t`The end comes after the start.` } : {}),
  };
}
