import { lazy, Suspense } from 'react';
import { ThemeButton } from './theme-button';

const Panel = lazy(() => import('./theme-menu-panel').then((module) => ({ default: module.ThemeMenuPanel })));

/** A quiet button that opens the choice of appearance, where there is no account menu to hold it. */
export function ThemeMenu() {
  return (
    <Suspense fallback={<ThemeButton />}>
      <Panel />
    </Suspense>
  );
}
