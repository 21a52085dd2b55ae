/** What this person has put away on this device; announcements that are over are forgotten with the next one put away. */
const LIMIT = 50;

const place = (member: string) => `lms.announcements.${member}`;

export function dismissedBy(member: string): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place(member)) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id): id is string => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

/** Remembers it, and returns all that are put away. Where nothing can be stored it is put away until the next page. */
export function dismiss(member: string, announcement: string): readonly string[] {
  const all = [announcement, ...dismissedBy(member).filter((id) => id !== announcement)].slice(0, LIMIT);
  try {
    localStorage.setItem(place(member), JSON.stringify(all));
  } catch {
    // Private windows may refuse to keep anything.
  }
  return all;
}
