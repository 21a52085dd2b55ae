import { redirect } from '@tanstack/react-router';
import { loginFor } from '@/features/auth/next';
import { boot, type Me } from '@/lib/boot';

/**
 * For `beforeLoad`: a visitor goes to the login page, which comes back exactly here.
 */
export function requireMember(path: string): Me {
  const me = boot().me;
  if (me) return me;
  if (boot().surface === 'learn') throw redirect({ href: loginFor(path), replace: true });
  // The login page belongs to the other surface of this host: a whole page load.
  window.location.replace(loginFor(path));
  throw redirect({ to: '/', replace: true });
}
