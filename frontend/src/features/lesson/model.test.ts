import { describe, expect, it } from 'vitest';
import type { Lesson, Outline, OutlineLesson } from '@/api/learning';
import { blocksOf, courseTrack, neighbour, nextLesson, timeLeft } from './model';

const lesson = (item: string, over: Partial<OutlineLesson> = {}): OutlineLesson => ({
  item,
  title: item,
  kind: 'video',
  duration_ms: 100_000,
  required: true,
  state: 'open',
  percent_permille: 0,
  spans: [],
  ...over,
});
const lessons = [
  lesson('a', { state: 'completed', percent_permille: 1000, spans: [[0, 91]] }),
  lesson('b', { state: 'started', percent_permille: 300, spans: [[0, 20], [50, 60]] }),
  lesson('c', { kind: 'text', duration_ms: null }),
];
const outline: Outline = {
  enrollment: { id: 'e', state: 'active' },
  course: { id: 'k', title: 'K' },
  progress: { revision: 1, percent_permille: 400, done: 1, required: 3, next_item: 'b' },
  modules: [{ item: 'm', title: 'M', lessons }],
};
const nothing = () => undefined;

describe('a course as a Track', () => {
  it('draws what was seen with its gaps, and a finished lesson whole', () => {
    const track = courseTrack(lessons, nothing);
    expect(track.map((segment) => segment.spans)).toEqual([[[0, 1]], [[0, 0.2], [0.5, 0.6]], []]);
    expect(track[2]!.weight).toBeGreaterThan(0);
  });

  it('follows news that the list does not have yet', () => {
    const newest = (item: string) => (item === 'b' ? { state: 'completed' as const, percent_permille: 1000, spans: [] } : undefined);
    expect(courseTrack(lessons, newest)[1]!.spans).toEqual([[0, 1]]);
    expect(timeLeft(lessons, nothing)).toBe(70_000);
    expect(timeLeft(lessons, newest)).toBe(0);
  });
});

describe('the way on', () => {
  it('goes where the server says, else to the first that is not done', () => {
    expect(nextLesson(outline, 'b', nothing)?.item).toBe('b');
    expect(nextLesson(outline, null, nothing)?.item).toBe('b');
    expect(nextLesson(outline, 'gone', (item) => (item === 'b' ? { state: 'completed', percent_permille: 1000, spans: [] } : undefined))?.item).toBe('c');
    expect(nextLesson({ ...outline, modules: [] }, null, nothing)).toBeNull();
  });

  it('names a neighbour that came as an id alone', () => {
    expect(neighbour('c', outline)?.title).toBe('c');
    expect(neighbour({ item: 'x', title: 'X' }, outline)?.title).toBe('X');
    expect(neighbour(null, outline)).toBeNull();
  });
});

it('keeps only blocks there is something to show of', () => {
  const body = { v: 1, blocks: [{ type: 'video', asset: '1' }, { type: 'text', html: '' }, { type: 'text', html: '<p>x</p>' }, { type: 'poll' }] };
  expect(blocksOf({ body } as unknown as Lesson)).toEqual([{ kind: 'video' }, { kind: 'text', html: '<p>x</p>' }]);
});
