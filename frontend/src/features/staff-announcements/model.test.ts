import { i18n } from '@lingui/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { audienceWords, fromField, problemsOf, stateOf, toField } from './model';

beforeAll(() => {
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('an announcement', () => {
  it('is scheduled, showing or over', () => {
    expect(stateOf({ starts_at: '2026-11-24T00:00:00Z', ends_at: null }, NOW)).toBe('scheduled');
    expect(stateOf({ starts_at: '2026-11-22T00:00:00Z', ends_at: null }, NOW)).toBe('showing');
    expect(stateOf({ starts_at: '2026-11-22T00:00:00Z', ends_at: '2026-11-23T12:00:00Z' }, NOW)).toBe('ended');
  });

  it('says who sees it', () => {
    expect(audienceWords({ surfaces: ['learn', 'studio'], audience: {} })).toBe('Learners, Studio');
    expect(audienceWords({ surfaces: ['studio'], audience: { organizations: ['a', 'b'], roles: ['owner'] } })).toBe('Studio: 2 organizations; Owner');
  });

  it('keeps moments through a field of the browser', () => {
    expect(fromField(toField('2026-11-23T12:30:00.000Z'))).toBe('2026-11-23T12:30:00.000Z');
    expect(toField(null)).toBe('');
    expect(fromField('')).toBeNull();
  });

  it('needs words, a place and an end after its start', () => {
    const draft = { title: 'Maintenance', surfaces: ['studio' as const], starts_at: '2026-11-23T12:00:00Z', ends_at: null };
    expect(problemsOf(draft)).toEqual({});
    expect(Object.keys(problemsOf({ title: ' ', surfaces: [], starts_at: draft.starts_at, ends_at: draft.starts_at }))).toEqual(['title', 'surfaces', 'ends_at']);
  });
});
