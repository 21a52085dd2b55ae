import { describe, expect, it } from 'vitest';
import { boot, setBoot } from '@/lib/boot';
import { adopt, NOBODY, safePath, signedIn } from './session';

const STAFF = { id: 's', name: 'Dana Osei', email: 'dana@platform.example', roles: ['support' as const], permissions: ['support.view'] };

describe('the session of the staff', () => {
  it('gives rights only when every factor was shown', () => {
    setBoot({ surface: 'staff' });
    adopt({ ...NOBODY, state: 'second_factor', methods: ['totp'], staff: STAFF });
    expect(boot().me).toBeNull();
    expect(signedIn()).toBe(false);
    adopt({ ...NOBODY, state: 'signed_in', staff: STAFF });
    expect(boot().me?.permissions).toEqual(['support.view']);
    expect(signedIn()).toBe(true);
  });

  it('takes over a new token for writes, and keeps the old one otherwise', () => {
    setBoot({ surface: 'staff', csrf: 'old' });
    adopt(NOBODY);
    expect(boot().csrf).toBe('old');
    adopt({ ...NOBODY, state: 'signed_in', staff: STAFF, csrf: 'new' });
    expect(boot().csrf).toBe('new');
  });
});

describe('where to go after signing in', () => {
  it('stays on this host and away from the sign-in', () => {
    expect(safePath('/organizations?q=acme')).toBe('/organizations?q=acme');
    for (const bad of [undefined, 'https://evil.example', '//evil.example', '/\\evil', '/sign-in?next=/', '/set-up/abc', '/a\nb']) {
      expect(safePath(bad)).toBe('/');
    }
  });
});
