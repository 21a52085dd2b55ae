import type { Lesson, LessonNeighbour, Outline, OutlineLesson } from '@/api/learning';
import { mergeItem, type ItemProgress } from '@/lib/progress';
import type { TrackSegment } from '@/ui/track';

/** What a lesson without a length counts for on the Track at most: it must be there to see, and not outweigh the films. */
const TEXT_LESSON_MS = 4 * 60_000;

/** As long as the course's films are on average, so that a text is one segment among its like. */
function textWeight(lessons: readonly OutlineLesson[]): number {
  const lengths = lessons.flatMap((lesson) => (lesson.duration_ms ? [lesson.duration_ms] : []));
  if (lengths.length === 0) return TEXT_LESSON_MS;
  return Math.min(TEXT_LESSON_MS, lengths.reduce((sum, length) => sum + length, 0) / lengths.length);
}

/** Looks a lesson's newest progress up, in whatever store there is. */
export type Newest = (item: string) => ItemProgress | undefined;

export function lessonsOf(outline: Outline): OutlineLesson[] {
  return outline.modules.flatMap((module) => module.lessons);
}

/** A lesson of the outline with anything newer laid over it. */
export function progressOf(lesson: OutlineLesson, newest: Newest): ItemProgress {
  return mergeItem({ state: lesson.state, percent_permille: lesson.percent_permille, spans: lesson.spans }, newest(lesson.item))!;
}

/** The course as a Track: a segment a lesson, its width the minutes, its fill the seconds seen. */
export function courseTrack(lessons: readonly OutlineLesson[], newest: Newest): TrackSegment[] {
  const text = textWeight(lessons);
  return lessons.map((lesson) => {
    const progress = progressOf(lesson, newest);
    const seconds = (lesson.duration_ms ?? 0) / 1000;
    const spans: [number, number][] =
      progress.state === 'completed'
        ? [[0, 1]]
        : seconds > 0
          ? progress.spans.map(([from, to]) => [Math.min(1, from / seconds), Math.min(1, to / seconds)])
          : [];
    return { key: lesson.item, weight: lesson.duration_ms || text, spans };
  });
}

/** Milliseconds of video not seen yet in lessons that are not done. */
export function timeLeft(lessons: readonly OutlineLesson[], newest: Newest): number {
  return lessons.reduce((sum, lesson) => {
    const progress = progressOf(lesson, newest);
    if (progress.state === 'completed' || !lesson.duration_ms) return sum;
    const seen = progress.spans.reduce((seconds, [from, to]) => seconds + (to - from), 0) * 1000;
    return sum + Math.max(0, lesson.duration_ms - seen);
  }, 0);
}

/** Where "Continue" goes: what the server says, else the first lesson that is not done, else the first. */
export function nextLesson(outline: Outline, next: string | null, newest: Newest): OutlineLesson | null {
  const lessons = lessonsOf(outline);
  return (
    lessons.find((lesson) => lesson.item === next) ??
    lessons.find((lesson) => progressOf(lesson, newest).state !== 'completed') ??
    lessons[0] ??
    null
  );
}

/** A neighbour as the lesson names it, with its title from the outline where only the id came. */
export function neighbour(named: Lesson['next'], outline: Outline | undefined): LessonNeighbour | null {
  if (named === null) return null;
  if (typeof named !== 'string') return named;
  const found = outline ? lessonsOf(outline).find((lesson) => lesson.item === named) : undefined;
  return found ?? { item: named, title: '' };
}

/** The html of every text block, in order, with where the video stands among them. */
export function blocksOf(lesson: Lesson): ({ kind: 'text'; html: string } | { kind: 'video' })[] {
  return lesson.body.blocks.flatMap((block): ({ kind: 'text'; html: string } | { kind: 'video' })[] => {
    if (block.type === 'text' && 'html' in block) return block.html ? [{ kind: 'text', html: block.html }] : [];
    return block.type === 'video' ? [{ kind: 'video' }] : [];
  });
}
