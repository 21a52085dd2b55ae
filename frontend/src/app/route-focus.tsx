import type { AnyRouter } from '@tanstack/react-router';

/**
 * After a change of page (not of a filter), moves the focus to the page's heading, so that the keyboard and screen
 * readers start where the eyes do. The first page keeps the browser's own start.
 */
export function focusOnNavigation(router: AnyRouter): void {
  let first = true;
  router.subscribe('onRendered', ({ pathChanged }) => {
    if (first) {
      first = false;
      return;
    }
    if (!pathChanged) return;
    // After React has painted the new page; its heading may be inside a lazily loaded part.
    requestAnimationFrame(() => {
      const target = document.querySelector<HTMLElement>('main h1') ?? document.querySelector<HTMLElement>('h1') ?? document.querySelector<HTMLElement>('main');
      if (!target) return;
      if (!target.hasAttribute('tabindex')) target.tabIndex = -1;
      target.focus({ preventScroll: true });
    });
  });
}
