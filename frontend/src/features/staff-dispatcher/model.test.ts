import { describe, expect, it } from 'vitest';
import type { Dispatcher } from '@/api/staff';
import { dutyTone, lagTone, nextTurn, ordered, seconds, took, troubles } from './model';

const AT = Date.parse('2026-11-28T12:00:00Z');
type Duty = Dispatcher['duties'][number];

const duty = (change: Partial<Duty> = {}): Duty => ({
  name: 'events.relay',
  period_seconds: 1,
  running: false,
  started_at: '2026-11-28T11:59:59Z',
  ended_at: '2026-11-28T11:59:59Z',
  duration_ms: 4,
  next_due_at: '2026-11-28T12:00:00Z',
  lag_seconds: 0,
  failed_at: null,
  error: '',
  ...change,
});
const lane = { pending: 0, in_flight: 0, parked: 0, lag_seconds: 0, p95_seconds: null, sampled: 0, backlogs: [] };
const all = (change: Partial<Dispatcher> = {}): Dispatcher => ({
  as_of: '2026-11-28T12:00:00Z',
  heartbeat: { alive: true, host: 'a', pid: 1, since: '2026-11-28T10:00:00Z', beat_at: '2026-11-28T11:59:59Z' },
  broker: { reachable: true, queues: [] },
  duties: [duty()],
  schedule: { count: 0, overdue: 0, lag_seconds: 0, duties: [] },
  outbox: lane,
  mails: lane,
  limits: { in_flight: 200, in_flight_each: 20 },
  ...change,
});

describe('a duty', () => {
  it('is told apart by how its last turn ended and how late the next one is', () => {
    expect(dutyTone(duty())).toBe('fine');
    expect(dutyTone(duty({ running: true }))).toBe('running');
    expect(dutyTone(duty({ started_at: null, ended_at: null }))).toBe('off');
    expect(dutyTone(duty({ lag_seconds: 31 }))).toBe('look');
    expect(dutyTone(duty({ period_seconds: 86_400, lag_seconds: 31 }))).toBe('fine');
    expect(dutyTone(duty({ failed_at: '2026-11-28T11:59:59Z' }))).toBe('failed');
  });

  it('that failed and went well since is fine again', () => {
    expect(dutyTone(duty({ failed_at: '2026-11-28T11:00:00Z', error: 'once' }))).toBe('fine');
  });

  it('stands first when it needs somebody', () => {
    const found = ordered([duty({ name: 'b' }), duty({ name: 'late', lag_seconds: 90 }), duty({ name: 'a' }), duty({ name: 'z', failed_at: '2026-11-28T12:00:00Z' })]);
    expect(found.map((one) => one.name)).toEqual(['z', 'late', 'a', 'b']);
  });

  it('says when it is next', () => {
    expect(nextTurn(duty({ next_due_at: '2026-11-28T12:05:00Z' }), AT)).toBe('in 5\u00a0min');
    expect(nextTurn(duty(), AT)).toBe('Now');
    expect(nextTurn(duty({ lag_seconds: 90 }), AT)).toBe('1\u00a0min late');
    expect(nextTurn(duty({ running: true }), AT)).toBe('Running');
  });
});

describe('what to look at', () => {
  it('is nothing when all is well', () => {
    expect(troubles(all())).toEqual([]);
  });

  it('is the dispatcher and the broker before what follows from them', () => {
    const heartbeat = { alive: false, host: null, pid: null, since: null, beat_at: null };
    const words = troubles(all({ heartbeat, broker: { reachable: false, queues: [] }, outbox: { ...lane, parked: 2, lag_seconds: 600 } }));
    expect(words).toHaveLength(4);
    expect(words[0]).toContain('No dispatcher has ever led');
    expect(words[1]).toContain('The broker does not answer');
    expect(words[2]).toContain('2 event deliveries');
  });
});

describe('figures', () => {
  it('are short where they are compared', () => {
    expect([seconds(0.04), seconds(1.44), seconds(75)]).toEqual(['0\u00a0s', '1.4\u00a0s', '1\u00a0min']);
    expect([took(40), took(1440)]).toEqual(['40\u00a0ms', '1.4\u00a0s']);
    expect([lagTone(60), lagTone(61), lagTone(901)]).toEqual(['fine', 'look', 'failed']);
  });
});
