import type { FirstStep } from '@/api/types';

export type StepName = FirstStep['name'];

export interface Step {
  name: StepName;
  done: boolean;
  doneAt: string | null;
}

/** What a step takes a part in, so that nobody is shown what they can't do. */
const NEEDS: Record<StepName, string> = {
  brand: 'brand.manage',
  video: 'library.edit',
  course: 'courses.edit',
  invitation: 'people.manage',
  enrollment: 'enrollments.manage',
  progress: 'courses.view',
};

/** The first steps that this member can take part in, in the order that makes sense. */
export function stepsOf(steps: readonly FirstStep[], may: (permission: string) => boolean): Step[] {
  return steps
    .filter((step) => may(NEEDS[step.name]))
    .map((step) => ({ name: step.name, done: step.done_at !== null, doneAt: step.done_at }));
}

/** The step the page offers as its one primary action: the first that is open. */
export function nextStep(steps: readonly Step[]): StepName | null {
  return steps.find((step) => !step.done)?.name ?? null;
}
