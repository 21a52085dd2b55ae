import { useEffect, useRef } from 'react';

/** Goes to a page of Stripe's. The button that led there stays busy: this page is as good as left. */
export const leaveFor = (url: string) => window.location.assign(url);

/**
 * Calls `again` where somebody comes back to this very page by the browser's Back button: it is kept as it was left,
 * with a button that would be busy for ever.
 */
export function useBackAgain(again: () => void): void {
  const latest = useRef(again);
  useEffect(() => {
    latest.current = again;
  });
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) latest.current();
    };
    window.addEventListener('pageshow', shown);
    return () => window.removeEventListener('pageshow', shown);
  }, []);
}
