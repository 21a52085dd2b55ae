import { describe, expect, it } from 'vitest';
import type { Delivery, Distribution, Quota, Standing } from '@/api/staff';
import { callsOff, distributionWord, fill, isTight, marks, standingTone, standingWord, troubles } from './model';

const quota = (change: Partial<Quota> = {}): Quota => ({ name: 'behaviours', used: 4, limit: 75, kept_free: 5, ...change });
const distribution = (change: Partial<Distribution> = {}): Distribution => ({
  id: 'E1',
  kind: 'shared',
  is_set: true,
  is_deployed: true,
  problem: '',
  looked_at: '2026-11-28T12:00:00Z',
  written_at: null,
  written_by: '',
  organizations: 2,
  leaving: 0,
  key_groups: 2,
  public_keys: 4,
  quotas: [quota()],
  has_room: true,
  ...change,
});
const standing = (change: Partial<Standing> = {}): Standing => ({
  organization_id: '0',
  name: 'Acme',
  strategy: 'pooled',
  distribution: 'E1',
  state: 'deployed',
  phase: null,
  phase_since: null,
  next_at: null,
  other_distribution: '',
  is_settled: true,
  problem: '',
  hosts: [],
  changed_at: '2026-11-28T12:00:00Z',
  choices: ['distribution_tenant'],
  ...change,
});
const delivery = (change: Partial<Delivery> = {}): Delivery => ({
  edge: 'cloudfront',
  distributions: [distribution()],
  account: [],
  organizations: 2,
  moving: 0,
  pending: 0,
  troubled: 0,
  without_place: 0,
  ...change,
});

describe('a quota', () => {
  it('is as full as what is used and what is kept free', () => {
    expect(fill(quota({ used: 20 }))).toBeCloseTo(1 / 3);
    expect(fill(quota({ used: 100 }))).toBe(1);
    expect(fill(quota({ limit: 0 }))).toBe(1);
  });

  it('is tight when the next ones find no room', () => {
    expect([isTight(quota({ used: 62 })), isTight(quota({ used: 63 })), isTight(quota({ used: 10, limit: 10, kept_free: 0 }))]).toEqual([false, true, true]);
  });
});

describe('a distribution', () => {
  it('says what it is at', () => {
    const said = [distribution(), distribution({ is_deployed: false }), distribution({ looked_at: null }), distribution({ is_set: false }), distribution({ problem: 'x' })];
    expect(said.map(distributionWord)).toEqual(['Deployed', 'Being deployed', 'Not looked at yet', 'Not in the settings', 'Not as it has to be']);
  });
});

describe('an organization', () => {
  it('says how its films are delivered', () => {
    const said = [
      standing(),
      standing({ is_settled: false }),
      standing({ state: 'pending' }),
      standing({ state: 'pending', distribution: '' }),
      standing({ phase: 'both' }),
      standing({ state: 'revoked' }),
    ];
    expect(said.map(standingWord)).toEqual(['Delivered', 'Being told of a change', 'Being set up', 'Waits for a place', 'Both edges serve', 'Switched off']);
    expect(said.map(standingTone)).toEqual(['fine', 'fine', 'running', 'running', 'running', 'off']);
    expect(standingTone(standing({ problem: 'x' }))).toBe('look');
  });

  it('shows the steps of its move, and that the strategy it has calls it off', () => {
    expect(marks('switching').map((one) => one.mark)).toEqual(['done', 'done', 'now', 'open']);
    expect([callsOff(standing({ phase: 'both' }), 'pooled'), callsOff(standing({ phase: 'both' }), 'distribution_tenant'), callsOff(standing(), 'pooled')]).toEqual([true, false, false]);
  });
});

describe('what has to be looked at', () => {
  it('is nothing while everything has room', () => {
    expect(troubles(delivery())).toEqual([]);
  });

  it('names what is wrong, the quota that ends and that no distribution has room', () => {
    const found = delivery({
      distributions: [distribution({ problem: 'There is no behaviour.', has_room: false })],
      account: [quota({ name: 'public_keys', used: 10, limit: 10, kept_free: 0 })],
    });
    expect(troubles(found)).toEqual([
      'E1: There is no behaviour.',
      '10 of 10 public keys of the account are used: ask AWS for more.',
      'No shared distribution has room: add one to LMS_CLOUDFRONT_POOLS.',
    ]);
  });
});
