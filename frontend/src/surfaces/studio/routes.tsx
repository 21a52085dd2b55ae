import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { requireMember } from '@/app/guard';
import { routerOptions, textParam } from '@/app/router-options';
import { StudioShell } from './shell';

const root = createRootRoute({ component: Outlet });

/** Everything in the studio's chrome. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: ({ location }) => {
    requireMember(location.href);
  },
  component: StudioShell,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/studio',
  component: lazyRouteComponent(() => import('@/features/studio-home/home-page'), 'StudioHomePage'),
});

const people = createRoute({
  getParentRoute: () => shell,
  path: '/studio/people',
  validateSearch: (search: Record<string, unknown>) => ({
    q: textParam(search, 'q'),
    role: textParam(search, 'role'),
    view: textParam(search, 'view') === 'invited' ? ('invited' as const) : undefined,
    invite: textParam(search, 'invite') === undefined ? undefined : ('1' as const),
  }),
  component: lazyRouteComponent(() => import('@/features/people/people-page'), 'PeoplePage'),
});

/** The end of a sign-up; it stands before any session. */
const handOver = createRoute({
  getParentRoute: () => root,
  path: '/hand-over/',
  component: lazyRouteComponent(() => import('@/features/auth/hand-over-page'), 'HandOverPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([handOver, shell.addChildren([home, people])]),
  ...routerOptions,
});
