import { i18n } from '@lingui/core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Fleet } from '@/api/staff';
import { perSquare, queueTone, releaseSentence, signUpSentence, squares, trouble } from './model';

const WELL = {
  organizations: { by_state: { active: 5 }, total: 5 },
  releases: [],
  queues: [],
  outbox: { pending: 3, parked: 0, lag_seconds: 2 },
  transcodes: { waiting: 0, running: 1, failed_24h: 0 },
} as unknown as Fleet;

beforeAll(() => {
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

describe('what somebody on duty should look at', () => {
  it('is nothing when all is well', () => {
    expect(trouble(WELL)).toEqual([]);
  });

  it('says the worst first', () => {
    const found = trouble({
      ...WELL,
      outbox: { pending: 40, parked: 2, lag_seconds: 300 },
      transcodes: { waiting: 0, running: 0, failed_24h: 1 },
      organizations: { by_state: { failed: 1 }, total: 1 },
    } as Fleet);
    expect(found.map((one) => one.short)).toEqual(['2 parked', '1 film failed', 'Events 5\u00a0min late', '1 not made']);
  });

  it('marks a queue by the age of its oldest', () => {
    expect([0, 60, 61, 900, 901].map(queueTone)).toEqual(['fine', 'fine', 'look', 'look', 'failed']);
  });
});

describe('the sentences on the charts', () => {
  it('count who is behind the newest release', () => {
    expect(releaseSentence([])).toBe('No organization has a schema yet.');
    expect(releaseSentence([{ number: 3, count: 8 }])).toBe('Every organization is on 0003.');
    expect(
      releaseSentence([
        { number: 3, count: 8 },
        { number: 2, count: 1 },
        { number: 1, count: 2 },
      ]),
    ).toBe('3 organizations are behind 0003.');
  });

  it('compare two weeks of sign-ups', () => {
    const days = (before: number, last: number) => Array.from({ length: 14 }, (_, day) => ({ count: day < 7 ? before : last }));
    expect(signUpSentence(days(1, 2))).toBe('14 in the last 7 days, 7 in the 7 before.');
    expect(signUpSentence(days(0, 0))).toBe('No sign-ups in two weeks.');
    expect(signUpSentence(days(1, 1))).toBe('7 in the last 7 days, as in the 7 before.');
  });
});

describe('squares', () => {
  it('stand for ten in a large fleet and for one in a small', () => {
    expect(perSquare(40)).toBe(1);
    expect(perSquare(9214)).toBe(10);
  });

  it('never lose a state with fewer than ten', () => {
    const found = squares({ active: 23, suspended: 3 }, ['active', 'suspended'], 10);
    expect(found.map((square) => square.of)).toEqual([10, 10, 3, 3]);
    expect(found.at(-1)?.state).toBe('suspended');
  });
});
