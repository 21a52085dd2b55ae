import { describe, expect, it } from 'vitest';
import type { SignUpStatus, SignUpStep } from '@/api/types';
import { digitsOf } from './code-input';
import { currentStep, handOverStart, pollAfter, stepSegments, tookOf } from './progress';

const step = (name: string, state: SignUpStep['state'], finished_at: string | null = null): SignUpStep => ({
  name,
  label: name,
  state,
  finished_at,
});

const steps = [
  step('schema', 'done', '2026-11-23T10:00:00.100Z'),
  step('media', 'done', '2026-11-23T10:00:00.350Z'),
  step('owner', 'running'),
  step('domain', 'pending'),
];

describe('the progress of provisioning', () => {
  it('draws one segment a step', () => {
    expect(stepSegments(steps).map((segment) => segment.spans)).toEqual([[[0, 1]], [[0, 1]], [[0, 0.5]], []]);
    expect(stepSegments([step('schema', 'failed')])[0]?.tone).toBe('danger');
  });

  it('counts the step that is going on', () => {
    expect(currentStep(steps)).toBe(3);
    expect(currentStep([step('a', 'done')])).toBe(1);
  });

  it('takes times from the server alone', () => {
    expect(tookOf(steps, 1)).toBe(250);
    expect(tookOf(steps, 0)).toBeNull();
    expect(tookOf(steps, 2)).toBeNull();
  });

  it('looks often at first, then seldom', () => {
    expect([pollAfter(0), pollAfter(5_000), pollAfter(60_000)]).toEqual([150, 500, 1_500]);
  });

  it('leaves for the organization’s own host', () => {
    const status = { studio_url: 'http://acme.lms.localhost:8000/studio' } as SignUpStatus;
    expect(handOverStart(status)).toBe('http://acme.lms.localhost:8000/hand-over/start/');
    expect(handOverStart({ studio_url: null } as SignUpStatus)).toBeNull();
  });
});

describe('digitsOf', () => {
  it.each([
    ['123 456', '123456'],
    ['Code: 987654.', '987654'],
    ['1234567', '123456'],
    ['abc', ''],
  ])('%s', (text, digits) => expect(digitsOf(text)).toBe(digits));
});
