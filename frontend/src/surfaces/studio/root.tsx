import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { boot } from '@/lib/boot';

const ClosingPage = lazy(() => import('@/features/organization/closing-page').then((module) => ({ default: module.ClosingPage })));

/** Where an owner of an organization that is to be deleted may still go: the archive, what its proof asks for, and what is owed. */
const STAYS_OPEN = ['/studio/settings/data', '/studio/settings/billing', '/studio/account'];

/** Every page of the studio; while the organization waits to be deleted, one page in their place. */
export function StudioRoot() {
  const path = useLocation({ select: (location) => location.pathname });
  const closing = boot().organization?.state === 'pending_deletion' && boot().me !== null;
  if (!closing || STAYS_OPEN.some((open) => path.startsWith(open))) return <Outlet />;
  return (
    <Suspense fallback={null}>
      <ClosingPage />
    </Suspense>
  );
}
