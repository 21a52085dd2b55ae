import { daysAgo } from '@/lib/time';

/** "today", "6 days ago": when something was last used, inside a sentence. */
export function agoInline(iso: string): string {
  const words = daysAgo(iso);
  return words.charAt(0).toLocaleLowerCase() + words.slice(1);
}
