import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * After a change of page the focus goes to the heading (see `app/route-focus`). Where a skeleton stands in for the page
 * at that moment, its hidden heading holds the focus and hands it on when the real one is there.
 */
let held = false;

/** For a skeleton: give the returned ref to its heading. */
export function useHoldFocus(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const element = heading.current;
    return () => {
      if (element && element === document.activeElement) held = true;
    };
  }, []);
  return heading;
}

/** For the page itself, once its heading is there. */
export function useTakeFocus(): void {
  useEffect(() => {
    if (!held) return;
    held = false;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, []);
}
