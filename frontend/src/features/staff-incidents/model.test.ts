import { i18n } from '@lingui/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IMPACTS, impactWord, PARTS, partWord, problemsOf, SAID, saidWord, standingOf } from './model';

beforeAll(() => {
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('an incident', () => {
  it('goes on, is planned or is over', () => {
    expect(standingOf({ started_at: '2026-11-23T11:00:00Z', resolved_at: null }, NOW)).toBe('going_on');
    expect(standingOf({ started_at: '2026-11-24T11:00:00Z', resolved_at: null }, NOW)).toBe('planned');
    expect(standingOf({ started_at: '2026-11-23T11:00:00Z', resolved_at: '2026-11-23T11:30:00Z' }, NOW)).toBe('over');
  });

  it('needs words, a part and something that is known', () => {
    expect(problemsOf({ title: 'Films start late', parts: ['video'], body: 'We look.' })).toEqual({});
    expect(Object.keys(problemsOf({ title: ' ', parts: [], body: '' }))).toEqual(['title', 'parts', 'body']);
  });

  it('has a word of its own for everything', () => {
    for (const words of [PARTS.map(partWord), IMPACTS.map(impactWord), SAID.map(saidWord)]) expect(new Set(words).size).toBe(words.length);
  });
});
