import { describe, expect, it } from 'vitest';
import type { FirstStep } from '@/api/types';
import { nextStep, stepsOf } from './steps';

const NAMES = ['brand', 'video', 'course', 'invitation', 'enrollment', 'progress'] as const;
const open: FirstStep[] = NAMES.map((name) => ({ name, done_at: null }));
const everything = () => true;

describe('the first steps', () => {
  it('are those the server knows, in its order', () => {
    expect(stepsOf(open, everything).map((step) => step.name)).toEqual(NAMES);
    expect(nextStep(stepsOf(open, everything))).toBe('brand');
  });

  it('leave out what a member may not do', () => {
    const author = (permission: string) => permission.startsWith('courses.') || permission.startsWith('library.');
    expect(stepsOf(open, author).map((step) => step.name)).toEqual(['video', 'course', 'progress']);
  });

  it('go on with the first that is open, whatever was done first', () => {
    const steps = open.map((step) => (step.name === 'brand' || step.name === 'course' ? { ...step, done_at: '2026-11-01T10:00:00Z' } : step));
    expect(nextStep(stepsOf(steps, everything))).toBe('video');
  });

  it('end', () => {
    const steps = open.map((step) => ({ ...step, done_at: '2026-11-01T10:00:00Z' }));
    expect(nextStep(stepsOf(steps, everything))).toBeNull();
  });
});
