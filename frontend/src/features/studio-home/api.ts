import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { AssetRow, CourseRow, Invitation, MemberRow, Page } from '@/api/types';

export interface StartFacts {
  /** A course exists; `published` when learners can already see one. */
  course: { id: string; title: string; published: boolean } | null;
  video: { id: string; title: string } | null;
  /** Videos that could not be processed, newest first. */
  failed: { id: string; title: string; detail: string | null }[];
  members: number;
  invited: number;
  /** More than one page of them. */
  manyMembers: boolean;
}

/** What the member may not read counts as not there, and its step is not shown either. */
async function first<Row>(allowed: boolean, path: string, signal: AbortSignal, query = {}): Promise<Page<Row>> {
  return allowed ? call<Page<Row>>('GET', path, { signal, query }) : { items: [], next: null };
}

/** What an organization has done of its first steps, read from the lists themselves. */
export const startQuery = (may: { courses: boolean; media: boolean; people: boolean }) =>
  queryOptions({
    queryKey: ['studio-home', may],
    queryFn: async ({ signal }): Promise<StartFacts> => {
      const [courses, assets, members, invitations] = await Promise.all([
        first<CourseRow>(may.courses, 'courses/', signal),
        first<AssetRow>(may.media, 'assets/', signal),
        first<MemberRow>(may.people, 'members/', signal),
        first<Invitation>(may.people, 'invitations/', signal),
      ]);
      const course = courses.items.find((row) => row.version !== null) ?? courses.items[0];
      const video = assets.items.find((row) => row.state === 'ready' || row.state === 'playable') ?? assets.items[0];
      return {
        course: course ? { id: course.id, title: course.title, published: course.version !== null } : null,
        video: video ? { id: video.id, title: video.title } : null,
        failed: assets.items
          .filter((row) => row.state === 'failed')
          .map((row) => ({ id: row.id, title: row.title, detail: row.error?.detail ?? row.error?.title ?? null })),
        members: members.items.length,
        invited: invitations.items.length,
        manyMembers: members.next !== null,
      };
    },
    // Coming back from a finished step must show it finished.
    staleTime: 0,
  });
