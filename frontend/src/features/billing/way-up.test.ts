import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/errors';
import { wayUpOf } from './way-up';

const refusal = (code: string, problem: Record<string, unknown>) => new ApiError({ status: 409, code, detail: 'No.', problem });

describe('the way up', () => {
  it('asks for as many seats as are missing', () => {
    expect(wayUpOf(refusal('quota_exceeded', { meter: 'seats', needed: 3, free: 1, limit: 20, next_plan: 'team' }))?.search).toEqual({
      change: '1',
      seats: '22',
    });
  });

  it('leads to the plan that brings more, if one does', () => {
    expect(wayUpOf(refusal('quota_exceeded', { meter: 'domains', needed: 1, free: 0, limit: 1, next_plan: 'team' }))?.search).toEqual({
      change: '1',
      plan: 'team',
    });
    expect(wayUpOf(refusal('not_in_plan', { feature: 'priority_support', next_plan: null }))?.search).toEqual({ change: '1' });
  });

  it('is not said of what is no question of plans', () => {
    expect(wayUpOf(refusal('domain_taken', {}))).toBeNull();
    expect(wayUpOf(new Error('quota_exceeded'))).toBeNull();
  });
});
