/** The address of an organization's sign-in page, on this platform. Takes a whole host where one was pasted. */
export function signInUrl(typed: string, suffix: string, site: string): string | null {
  const word = typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[:/].*$/, '');
  const slug = word.endsWith(`.${suffix}`) ? word.slice(0, -suffix.length - 1) : word;
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(slug)) return null;
  const { protocol, port } = new URL(site);
  return `${protocol}//${slug}.${suffix}${port ? `:${port}` : ''}/login`;
}
