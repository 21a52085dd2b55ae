import { useSyncExternalStore } from 'react';
import { type Boot, boot, type Me, onBoot } from './boot';

/** Who is signed in here, or null. Follows a login or a logout in place. */
export function useMe(): Me | null {
  return useSyncExternalStore(onBoot, () => boot().me);
}

/** What the page started with, as it is now: parts of it are replaced when somebody signs in or pays. */
export function useBoot(): Boot {
  return useSyncExternalStore(onBoot, boot);
}

/**
 * Whether the member may do something. Only decides what is shown: the server decides what happens. Hide what someone
 * can never do; disable with the reason what their role lacks.
 */
export function can(permission: string, me: Me | null = boot().me): boolean {
  return me?.permissions.includes(permission) ?? false;
}

export function useCan(permission: string): boolean {
  return can(permission, useMe());
}

/** Roles that have something to do in the studio. */
const STUDIO_ROLES = ['owner', 'admin', 'author', 'instructor'];

export function worksInStudio(me: Me | null): boolean {
  return me?.roles.some((role) => STUDIO_ROLES.includes(role)) ?? false;
}
