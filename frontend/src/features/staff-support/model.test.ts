import { i18n } from '@lingui/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { grantTone, grantWords, minutesLeft } from './model';

beforeAll(() => {
  i18n.loadAndActivate({ locale: 'en', messages: {} });
});

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('support access', () => {
  it('counts what is left in whole minutes, never below nothing', () => {
    expect(minutesLeft({ expires_at: '2026-11-23T12:29:30Z' }, NOW)).toBe(30);
    expect(minutesLeft({ expires_at: '2026-11-23T11:00:00Z' }, NOW)).toBe(0);
  });

  it('says where it stands, and who ended it', () => {
    const grant = { expires_at: '2026-11-23T12:10:00Z', end_reason: '' };
    expect(grantWords({ ...grant, state: 'awaiting_consent' }, NOW)).toBe('Waits for an owner');
    expect(grantWords({ ...grant, state: 'active' }, NOW)).toBe('Open, 10\u00a0min left');
    expect(grantWords({ ...grant, state: 'ended', end_reason: 'refused' }, NOW)).toBe('Refused by an owner');
    expect(grantWords({ ...grant, state: 'ended', end_reason: 'moved_away' }, NOW)).toBe('Moved away');
  });

  it('is louder where it may write', () => {
    expect(grantTone({ state: 'active', scope: 'read' })).toBe('fine');
    expect(grantTone({ state: 'active', scope: 'write' })).toBe('look');
  });
});
