import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { BareError, BareNotFound } from '@/app/boundaries';
import { routerOptions, textParam } from '@/app/router-options';
import { Landing } from './landing';

const root = createRootRoute({ component: Outlet, notFoundComponent: BareNotFound, errorComponent: BareError });

const landing = createRoute({ getParentRoute: () => root, path: '/', component: Landing });

const terms = createRoute({
  getParentRoute: () => root,
  path: '/terms',
  component: lazyRouteComponent(() => import('./terms'), 'Terms'),
});

const pricing = createRoute({
  getParentRoute: () => root,
  path: '/pricing',
  validateSearch: (search: Record<string, unknown>) => ({
    interval: search['interval'] === 'year' ? ('year' as const) : undefined,
    currency: textParam(search, 'currency'),
    seats: textParam(search, 'seats'),
  }),
  component: lazyRouteComponent(() => import('./pricing'), 'Pricing'),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: '/sign-up',
  beforeLoad: ({ location }) => {
    if (location.pathname.replace(/\/$/, '') === '/sign-up') throw redirect({ to: '/sign-up/organization', replace: true });
  },
});

const organization = createRoute({
  getParentRoute: () => signUp,
  path: '/organization',
  validateSearch: (search: Record<string, unknown>): { slug?: string | undefined } => ({ slug: textParam(search, 'slug') }),
  component: lazyRouteComponent(() => import('@/features/signup/organization-page'), 'OrganizationPage'),
});

const account = createRoute({
  getParentRoute: () => signUp,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/signup/account-page'), 'AccountPage'),
});

const code = createRoute({
  getParentRoute: () => signUp,
  path: '/code',
  component: lazyRouteComponent(() => import('@/features/signup/code-page'), 'CodePage'),
});

const progress = createRoute({
  getParentRoute: () => signUp,
  path: '/progress',
  component: lazyRouteComponent(() => import('@/features/signup/progress-page'), 'ProgressPage'),
});

const handOver = createRoute({
  getParentRoute: () => signUp,
  path: '/hand-over',
  validateSearch: (search: Record<string, unknown>): { n?: string | undefined } => ({ n: textParam(search, 'n') }),
  component: lazyRouteComponent(() => import('@/features/signup/hand-over-page'), 'HandOverPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([landing, terms, pricing, signUp.addChildren([organization, account, code, progress, handOver])]),
  ...routerOptions,
});
