import { useSyncExternalStore } from 'react';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { SessionAnswer, StaffSelf } from '@/api/staff';
import { onBoot, updateBoot } from '@/lib/boot';

export const NOBODY: SessionAnswer = { state: 'signed_out', methods: [], staff: null, proof_fresh: false, csrf: '' };

let current: StaffSelf | null = null;
let last = NOBODY;

/**
 * Takes over who is signed in. The rights go where every surface looks for them (`can`), so that a session that ends
 * meanwhile is noticed by the calls.
 */
export function adopt(answer: SessionAnswer): SessionAnswer {
  last = answer;
  current = answer.state === 'signed_in' ? answer.staff : null;
  updateBoot({
    me: current
      ? {
          member: { id: current.id, name: current.name, email: current.email, locale: 'en', zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
          roles: [],
          permissions: current.permissions,
          // Nobody of the staff is in without one.
          second_factor: { state: 'on', due_at: null },
        }
      : null,
    ...(answer.csrf ? { csrf: answer.csrf } : {}),
  });
  return answer;
}

/** Asks the server who this browser is. Nobody is an answer too. */
export async function loadSession(): Promise<SessionAnswer> {
  try {
    return adopt(await call<SessionAnswer>('GET', 'session/', { anonymous: true }));
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 404)) return adopt(NOBODY);
    throw error;
  }
}

/** Who works here now, or null. */
export function useStaff(): StaffSelf | null {
  return useSyncExternalStore(onBoot, () => current);
}

/** Which step the server last said this browser is at. */
export const lastAnswer = (): SessionAnswer => last;

export const signedIn = () => current !== null;

/** Where to go after signing in: a path of the console, never another host nor the sign-in itself. */
export function safePath(next: string | undefined): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\') || /\p{Cc}/u.test(next)) return '/';
  const url = new URL(next, 'http://here.invalid');
  if (url.host !== 'here.invalid' || /^\/(sign-in|set-up)(\/|$)/.test(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}
