import { describe, expect, it } from 'vitest';
import { readChanges } from './changes';

describe('changes of an audit entry', () => {
  it('reads pairs as before and after', () => {
    expect(readChanges({ state: ['active', 'suspended'], roles: [[], ['support', 'finance']] })).toEqual([
      { field: 'state', before: 'active', after: 'suspended' },
      { field: 'roles', before: '–', after: 'support, finance' },
    ]);
  });

  it('reads single values as what it became, whatever they are', () => {
    expect(readChanges({ minutes: 30, write: false, rule: { kind: 'plan' }, gone: null })).toEqual([
      { field: 'minutes', before: null, after: '30' },
      { field: 'write', before: null, after: 'false' },
      { field: 'rule', before: null, after: '{"kind":"plan"}' },
      { field: 'gone', before: null, after: '–' },
    ]);
  });
});
