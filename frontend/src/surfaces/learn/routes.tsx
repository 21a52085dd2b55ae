import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { requireMember } from '@/app/guard';
import { BareError, BareNotFound } from '@/app/boundaries';
import { routerOptions, textParam } from '@/app/router-options';
import { authRoutes } from './auth-routes';
import { LearnShell } from './shell';

const root = createRootRoute({ component: Outlet, notFoundComponent: BareNotFound, errorComponent: BareError });

/** Inside the bar and the tab bar. The catalogue is open to visitors; the rest asks for a member. */
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: LearnShell });

const members = createRoute({
  getParentRoute: () => shell,
  id: 'members',
  beforeLoad: ({ location }) => {
    requireMember(location.href);
  },
  component: Outlet,
});

const catalogue = createRoute({
  getParentRoute: () => shell,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { q?: string | undefined; show?: 'mine' | 'new' | undefined } => ({
    q: textParam(search, 'q'),
    show: search['show'] === 'mine' || search['show'] === 'new' ? search['show'] : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages'), 'CatalogRoute'),
});

/** The word people type. */
const catalogueByName = createRoute({
  getParentRoute: () => root,
  path: '/catalogue',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true });
  },
});

const course = createRoute({
  getParentRoute: () => shell,
  path: '/courses/$course',
  component: lazyRouteComponent(() => import('./pages'), 'CourseRoute'),
});

const home = createRoute({
  getParentRoute: () => members,
  path: '/home',
  component: lazyRouteComponent(() => import('./pages'), 'HomeRoute'),
});

const account = createRoute({
  getParentRoute: () => members,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/account/profile-page'), 'ProfilePage'),
});

const security = createRoute({
  getParentRoute: () => members,
  path: '/account/security',
  component: lazyRouteComponent(() => import('@/features/account/security-page'), 'SecurityPage'),
});

/** A lesson has a bar of its own: nothing competes with it. */
const lesson = createRoute({
  getParentRoute: () => root,
  path: '/learn/$enrollment/$item',
  validateSearch: (search: Record<string, unknown>): { t?: string | undefined; panel?: 'outline' | 'transcript' | undefined } => ({
    t: textParam(search, 't'),
    panel: search['panel'] === 'outline' || search['panel'] === 'transcript' ? search['panel'] : undefined,
  }),
  beforeLoad: ({ location }) => {
    requireMember(location.href);
  },
  component: lazyRouteComponent(() => import('./lesson-route'), 'LessonRoute'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    ...authRoutes(root),
    catalogueByName,
    lesson,
    shell.addChildren([catalogue, course, members.addChildren([home, account, security])]),
  ]),
  ...routerOptions,
});
