import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { textParam } from '@/app/router-options';

/** The pages before a session. They stand outside the shell: there is nothing to navigate yet. */
export function authRoutes<Root extends AnyRoute>(root: Root) {
  const getParentRoute = () => root;
  return [
    createRoute({
      getParentRoute,
      path: '/login',
      validateSearch: (search: Record<string, unknown>): { next?: string | undefined } => ({ next: textParam(search, 'next') }),
      component: lazyRouteComponent(() => import('@/features/auth/login-page'), 'LoginPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/password/forgot',
      component: lazyRouteComponent(() => import('@/features/auth/forgot-page'), 'ForgotPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/password/reset/$key',
      component: lazyRouteComponent(() => import('@/features/auth/reset-page'), 'ResetPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/invitation/$token',
      component: lazyRouteComponent(() => import('@/features/auth/invitation-page'), 'InvitationPage'),
    }),
    createRoute({
      getParentRoute,
      path: '/account/second-step',
      component: lazyRouteComponent(() => import('@/features/account/enrolment-page'), 'EnrolmentPage'),
    }),
  ];
}
