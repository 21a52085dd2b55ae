import { lazy, Suspense } from 'react';
import { useMe } from '@/lib/permissions';
import { AccountButton, type AccountLook } from './account-button';

// A menu and its positioning are a sixth of what a page may weigh: they come after the page is there.
const Panel = lazy(() => import('./account-menu-panel').then((module) => ({ default: module.AccountMenuPanel })));

/** The account's button and menu. */
export function AccountMenu({ look = 'avatar', side = 'bottom' }: { look?: AccountLook; side?: 'top' | 'bottom' }) {
  if (!useMe()) return null;
  return (
    <Suspense fallback={<AccountButton look={look} />}>
      <Panel look={look} side={side} />
    </Suspense>
  );
}
