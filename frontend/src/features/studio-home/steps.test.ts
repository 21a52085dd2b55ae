import { describe, expect, it } from 'vitest';
import type { StartFacts } from './api';
import { nextStep, stepsOf } from './steps';

const nothing: StartFacts = { course: null, video: null, failed: [], members: 1, invited: 0, manyMembers: false };
const all = { courses: true, media: true, people: true };

describe('the first steps', () => {
  it('begin with the address, which every organization has', () => {
    expect(stepsOf(nothing, all).map((step) => step.done)).toEqual([true, false, false, false, false]);
    expect(nextStep(stepsOf(nothing, all))).toBe('video');
  });

  it('leave out what a member may not do', () => {
    expect(stepsOf(nothing, { courses: true, media: true, people: false }).map((step) => step.name)).not.toContain('people');
  });

  it('count an invitation as people', () => {
    expect(stepsOf({ ...nothing, invited: 1 }, all).at(-1)?.done).toBe(true);
  });

  it('end', () => {
    const done: StartFacts = {
      ...nothing,
      members: 2,
      video: { id: 'v', title: 'V' },
      course: { id: 'c', title: 'C', published: true },
    };
    expect(nextStep(stepsOf(done, all))).toBeNull();
  });
});
