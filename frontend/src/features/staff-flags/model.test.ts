import { i18n } from '@lingui/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { daysLeft, keyProblem, onFor, percentText, reach, withoutRule, withRule } from './model';

beforeAll(() => {
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

describe('feature flags', () => {
  it('count the days of their life in whole days', () => {
    const noon = new Date(2026, 10, 23, 12);
    expect(daysLeft('2026-11-23', noon)).toBe(0);
    expect(daysLeft('2026-11-30', noon)).toBe(7);
    expect(daysLeft('2026-11-22', noon)).toBe(-1);
  });

  it('say for whom they are on', () => {
    const organization = { kind: 'organization' as const, value: 'a' };
    expect(reach({ kill: true, rules: [organization] })).toBe('Off for everyone: killed');
    expect(reach({ kill: false, rules: [] })).toBe('Off for everyone');
    expect(reach({ kill: false, rules: [organization, { kind: 'plan', value: 'growth' }, { kind: 'permille', value: '125' }] })).toBe(
      'On for 1 organization, plan growth, 12.5\u00a0% of organizations',
    );
    expect(reach({ kill: false, rules: [{ kind: 'permille', value: '1000' }] })).toBe('On for everyone');
  });

  it('hold each rule once, and one share only', () => {
    const plan = { kind: 'plan' as const, value: 'growth' };
    expect(withRule([plan], plan)).toEqual([plan]);
    expect(withRule([{ kind: 'permille', value: '100' }, plan], { kind: 'permille', value: '200' })).toEqual([plan, { kind: 'permille', value: '200' }]);
    expect(withoutRule([plan], plan)).toEqual([]);
  });

  it('are on for an organization by the nearest rule', () => {
    const own = { kind: 'organization' as const, value: 'a' };
    const plan = { kind: 'plan' as const, value: 'growth' };
    expect(onFor({ kill: true, rules: [own] }, 'a', 'growth')).toBe('killed');
    expect(onFor({ kill: false, rules: [plan, own] }, 'a', 'growth')).toBe('organization');
    expect(onFor({ kill: false, rules: [plan] }, 'a', 'growth')).toBe('plan');
    expect(onFor({ kill: false, rules: [{ kind: 'permille', value: '50' }] }, 'a', 'growth')).toBe('share');
    expect(onFor({ kill: false, rules: [] }, 'a', 'growth')).toBeNull();
  });

  it('have keys that code can use', () => {
    expect(keyProblem('studio.new-editor')).toBeNull();
    expect(keyProblem('')).not.toBeNull();
    for (const bad of ['New', '1st', 'a b', 'ab', '-ab']) expect(keyProblem(bad)).not.toBeNull();
    expect(percentText(1000)).toBe('100\u00a0%');
  });
});
