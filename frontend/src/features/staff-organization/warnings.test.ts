import { i18n } from '@lingui/core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrganizationDetail } from '@/api/staff';
import { mainEvent } from './header';
import { warnings } from './warnings';

beforeAll(() => {
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

const well = {
  organization: { state: 'active' },
  schema: { release: 42, current: 42 },
  queue: { pending: 0, oldest_seconds: 0, parked: 0 },
  usage: { storage_bytes: 10, limit_bytes: 100 },
} as unknown as OrganizationDetail;

describe('what to look at first', () => {
  it('is nothing when all is well', () => {
    expect(warnings(well)).toEqual([]);
    expect(warnings({ ...well, usage: { ...well.usage, limit_bytes: null } })).toEqual([]);
  });

  it('puts lost work before a late schema, and both before a full store', () => {
    const found = warnings({
      ...well,
      schema: { release: 41, current: 42 },
      queue: { pending: 9, oldest_seconds: 400, parked: 2 },
      usage: { ...well.usage, storage_bytes: 95 },
    });
    expect(found.map((one) => one.title)).toEqual([
      '2 events gave up.',
      'Schema 0041, 1 behind the fleet.',
      'Its oldest event has waited 6\u00a0min.',
      '95\u00a0% of its storage is used.',
    ]);
  });

  it('lets events of a paused organization wait', () => {
    const queue = { pending: 9, oldest_seconds: 4000, parked: 0 };
    const paused = { ...well.organization, state: 'suspended' as const };
    expect(warnings({ ...well, queue })).toHaveLength(1);
    expect(warnings({ ...well, organization: paused, queue })).toEqual([]);
  });

  it('says nothing of a schema that was never made', () => {
    expect(warnings({ ...well, schema: { release: null, current: 42 } })).toEqual([]);
  });
});

describe('the button of the page', () => {
  const event = (name: string, allowed: boolean) => ({ event: name, to: 'active' as const, allowed, why_not: null });

  it('lets back in before it shuts out', () => {
    expect(mainEvent([event('suspend', true), event('limit', true)])).toBe('suspend');
    expect(mainEvent([event('reactivate', true), event('suspend', true)])).toBe('reactivate');
    expect(mainEvent([event('cancel_deletion', true), event('suspend', false)])).toBe('cancel_deletion');
    expect(mainEvent([event('suspend', false)])).toBeUndefined();
  });
});
