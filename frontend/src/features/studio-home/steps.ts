import type { StartFacts } from './api';

export type StepName = 'address' | 'video' | 'course' | 'publish' | 'people';

export interface Step {
  name: StepName;
  done: boolean;
}

/** The first steps that this member can take part in, in the order that makes sense. */
export function stepsOf(facts: StartFacts, may: { courses: boolean; media: boolean; people: boolean }): Step[] {
  const steps: (Step | false)[] = [
    { name: 'address', done: true },
    may.media && { name: 'video', done: facts.video !== null },
    may.courses && { name: 'course', done: facts.course !== null },
    may.courses && { name: 'publish', done: facts.course?.published ?? false },
    may.people && { name: 'people', done: facts.members > 1 || facts.invited > 0 },
  ];
  return steps.filter((step) => step !== false);
}

/** The step the page offers as its one primary action: the first that is open. */
export function nextStep(steps: readonly Step[]): StepName | null {
  return steps.find((step) => !step.done)?.name ?? null;
}
