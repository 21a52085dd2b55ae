import { useEffect } from 'react';
import { boot } from '@/lib/boot';

/** "People · Acme Academy": what the tab says, and what a screen reader says first on a new page. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    const place = boot().brand.name;
    document.title = title && title !== place ? `${title} · ${place}` : place;
  }, [title]);
}
