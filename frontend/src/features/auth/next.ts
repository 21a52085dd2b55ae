/**
 * Where to go after signing in: a path of this very host. Anything else (another host, a scheme, a path that a browser
 * reads as a host) becomes `fallback`, so a link can never lead away through our login.
 */
export function safeNext(next: string | undefined, fallback = '/'): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\') || /\p{Cc}/u.test(next)) return fallback;
  const url = new URL(next, 'http://here.invalid');
  if (url.host !== 'here.invalid') return fallback;
  // Back to the login page itself would be a loop.
  if (/^\/(login|password|invitation)(\/|$)/.test(url.pathname)) return fallback;
  return url.pathname + url.search + url.hash;
}

/** The login page that comes back exactly here. */
export function loginFor(path: string): string {
  const next = safeNext(path);
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`;
}
