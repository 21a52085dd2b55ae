import { queryOptions } from '@tanstack/react-query';
import { progressStore, type LessonState, type Progress } from '@/lib/progress';
import { call } from './client';

/** What a learner reads: the catalogue, enrollments, outlines and lessons. Shared by several features. */

export interface CatalogCourse {
  id: string;
  title: string;
  summary: string;
  lessons: number;
  duration_ms: number;
  /** The reader's own open enrollment, with its progress. */
  enrollment: { id: string; progress: Progress } | null;
}

export interface CatalogLesson {
  item: string;
  title: string;
  kind: LessonKind;
  duration_ms: number | null;
  required: boolean;
}

export interface CatalogDetail extends CatalogCourse {
  version?: { number: number } | null;
  modules: { item: string; title: string; lessons: CatalogLesson[] }[];
}

export type LessonKind = 'video' | 'text' | 'lesson' | (string & {});

export interface OutlineLesson extends CatalogLesson {
  state: LessonState;
  percent_permille: number;
  /** Seconds seen, `[from, to)`. */
  spans: [number, number][];
}

export interface OutlineModule {
  item: string;
  title: string;
  lessons: OutlineLesson[];
}

export interface Outline {
  enrollment: { id: string; state: string; placement_no?: number; completed_at?: string | null };
  course: { id: string; title: string; summary?: string };
  progress: Progress;
  modules: OutlineModule[];
}

export interface EnrollmentSummary {
  id: string;
  state: string;
  course: { id: string; title: string; summary?: string; lessons?: number; duration_ms?: number };
  progress: Progress;
  /** Where "Continue" goes. */
  next?: { item: string; title: string; kind?: LessonKind; duration_ms?: number | null; position_seconds?: number | null; poster_url?: string | null } | null;
  last_activity_at?: string | null;
}

export type LessonBlock = { type: 'text'; html: string } | { type: 'video'; asset: string } | { type: string & {} };

export interface LessonVideo {
  asset_id: string;
  timeline_id: string;
  duration_ms: number;
  position_seconds: number;
  seconds: [number, number][];
  captions: { id: string; language: string; label: string; is_default: boolean; url: string }[];
  poster_url: string | null;
  chapters: { start_ms?: number; start?: number; title: string }[] | null;
}

export interface LessonNeighbour {
  item: string;
  title: string;
  kind?: LessonKind;
  duration_ms?: number | null;
}

export interface Lesson {
  item: string;
  title: string;
  body: { v: number; blocks: LessonBlock[] };
  rule: { kind: 'watched' | 'viewed' | 'manual'; permille: number; words: string };
  state: LessonState;
  percent_permille: number;
  previous: LessonNeighbour | string | null;
  next: LessonNeighbour | string | null;
  video: LessonVideo | null;
  progress: Progress;
  placement_no?: number;
}

interface Page<Item> {
  items: Item[];
  next: string | null;
}

export const learningKeys = {
  catalog: ['catalog'] as const,
  course: (course: string) => ['catalog', course] as const,
  enrollments: ['enrollments'] as const,
  outline: (enrollment: string) => ['enrollments', enrollment, 'outline'] as const,
  lesson: (enrollment: string, item: string) => ['enrollments', enrollment, 'items', item] as const,
};

/** Every page of a short list, in order: catalogues and a learner's courses are tens, not thousands. */
async function everyPage<Item>(path: string, signal: AbortSignal, limit = 10): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = path;
  for (let page = 0; next && page < limit; page += 1) {
    const answer: Page<Item> = await call<Page<Item>>('GET', next, { signal });
    items.push(...answer.items);
    next = answer.next === null ? null : nextPath(path, answer.next);
  }
  return items;
}

/** The server names the next page by a cursor, or by an address of its own host. */
function nextPath(path: string, next: string): string {
  if (/^https?:/.test(next)) {
    const url = new URL(next);
    return url.pathname + url.search;
  }
  return next.startsWith('/') ? next : `${path}?cursor=${encodeURIComponent(next)}`;
}

export const catalogQuery = queryOptions({
  queryKey: learningKeys.catalog,
  queryFn: ({ signal }) => everyPage<CatalogCourse>('catalog/', signal),
});

export const courseQuery = (course: string) =>
  queryOptions({
    queryKey: learningKeys.course(course),
    queryFn: ({ signal }) => call<CatalogDetail>('GET', `catalog/${course}/`, { signal }),
  });

export const enrollmentsQuery = queryOptions({
  queryKey: learningKeys.enrollments,
  queryFn: async ({ signal }) => {
    const enrollments = await everyPage<EnrollmentSummary>('enrollments/', signal);
    for (const enrollment of enrollments) progressStore.put(enrollment.id, enrollment.progress);
    return enrollments;
  },
  // Home says where to go on: a minute in a lesson has moved that place.
  staleTime: 0,
});

export const outlineQuery = (enrollment: string) =>
  queryOptions({
    queryKey: learningKeys.outline(enrollment),
    queryFn: async ({ signal }) => {
      const outline = await call<Outline>('GET', `enrollments/${enrollment}/outline/`, { signal });
      progressStore.put(enrollment, outline.progress);
      return outline;
    },
  });

export const lessonQuery = (enrollment: string, item: string) =>
  queryOptions({
    queryKey: learningKeys.lesson(enrollment, item),
    queryFn: async ({ signal }) => {
      const lesson = await call<Lesson>('GET', `enrollments/${enrollment}/items/${item}/`, { signal });
      progressStore.put(enrollment, lesson.progress);
      progressStore.putItem(enrollment, item, {
        state: lesson.state,
        percent_permille: lesson.percent_permille,
        spans: lesson.video?.seconds ?? [],
      });
      return lesson;
    },
    // The place to resume is only worth something fresh: another device may have moved it.
    staleTime: 0,
    gcTime: 60_000,
  });

/** Enrols the reader; repeating it is harmless. */
export function enroll(course: string, idempotencyKey: string): Promise<{ id: string }> {
  return call<{ id: string }>('POST', 'enrollments/', { body: { course }, idempotencyKey });
}

/** Marks a lesson done, for the rule that leaves it to the learner. */
export function markComplete(enrollment: string, item: string): Promise<CompletionAnswer> {
  return call<CompletionAnswer>('POST', `enrollments/${enrollment}/items/${item}/completion/`);
}

export interface CompletionAnswer {
  item_state: LessonState;
  percent_permille: number;
  watched?: [number, number][];
  progress: Progress;
}

/** Lays an answer about a lesson into the one store everything reads. */
export function takeAnswer(enrollment: string, item: string, answer: CompletionAnswer): void {
  progressStore.putItem(enrollment, item, {
    state: answer.item_state,
    percent_permille: answer.percent_permille,
    spans: answer.watched ?? [],
  });
  progressStore.put(enrollment, answer.progress);
}
