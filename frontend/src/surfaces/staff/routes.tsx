import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { BareError, BareNotFound } from '@/app/boundaries';
import { routerOptions, textParam } from '@/app/router-options';
import { lastAnswer, loadSession, signedIn } from '@/features/staff-auth/session';
import { organizationsSearch } from '@/features/staff-organizations/search';
import { StaffShell } from './shell';

const root = createRootRoute({ component: Outlet, notFoundComponent: BareNotFound, errorComponent: BareError });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>) => ({ next: textParam(search, 'next') }),
  beforeLoad: async () => {
    if ((await loadSession()).state === 'signed_in') throw redirect({ to: '/organizations', replace: true });
  },
  component: lazyRouteComponent(() => import('@/features/staff-auth/sign-in-page'), 'SignInPage'),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up/$token',
  component: lazyRouteComponent(() => import('@/features/staff-auth/set-up-page'), 'SetUpPage'),
});

/** Everything behind the session. Who is signed in is asked once a page load; calls notice when it ends. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    if (signedIn()) return;
    await loadSession();
    if (lastAnswer().state === 'signed_in') return;
    throw redirect({ to: '/sign-in', search: { next: location.href === '/' ? undefined : location.href }, replace: true });
  },
  component: StaffShell,
});

const start = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/organizations', replace: true });
  },
});

const organizations = createRoute({
  getParentRoute: () => shell,
  path: '/organizations',
  validateSearch: organizationsSearch,
  component: lazyRouteComponent(() => import('@/features/staff-organizations/organizations-page'), 'OrganizationsPage'),
});

const organization = createRoute({
  getParentRoute: () => shell,
  path: '/organizations/$organization',
  validateSearch: (search: Record<string, unknown>) => ({
    tab: textParam(search, 'tab'),
    q: textParam(search, 'q'),
    support: textParam(search, 'support') === undefined ? undefined : ('1' as const),
  }),
  component: lazyRouteComponent(() => import('./screens/organization-screen'), 'OrganizationScreen'),
});

const restore = createRoute({
  getParentRoute: () => shell,
  path: '/organizations/$organization/restores/$restore',
  component: lazyRouteComponent(() => import('@/features/staff-organization/restore-page'), 'RestorePage'),
});

const fleet = createRoute({ getParentRoute: () => shell, path: '/fleet', component: lazyRouteComponent(() => import('./fleet-frame'), 'FleetFrame') });

const fleetOverview = createRoute({
  getParentRoute: () => fleet,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/staff-fleet/fleet-page'), 'FleetPage'),
});

const releases = createRoute({
  getParentRoute: () => fleet,
  path: '/releases',
  validateSearch: (search: Record<string, unknown>) => ({ release: textParam(search, 'release'), state: textParam(search, 'state') }),
  component: lazyRouteComponent(() => import('@/features/staff-releases/releases-page'), 'ReleasesPage'),
});

const dispatcher = createRoute({
  getParentRoute: () => fleet,
  path: '/dispatcher',
  component: lazyRouteComponent(() => import('@/features/staff-dispatcher/dispatcher-page'), 'DispatcherPage'),
});

const capacity = createRoute({
  getParentRoute: () => fleet,
  path: '/capacity',
  validateSearch: (search: Record<string, unknown>) => ({ days: textParam(search, 'days'), state: textParam(search, 'state'), order: textParam(search, 'order') }),
  component: lazyRouteComponent(() => import('@/features/staff-capacity/capacity-page'), 'CapacityPage'),
});

const delivery = createRoute({
  getParentRoute: () => fleet,
  path: '/delivery',
  validateSearch: (search: Record<string, unknown>) => ({ pool: textParam(search, 'pool'), only: textParam(search, 'only') }),
  component: lazyRouteComponent(() => import('@/features/staff-delivery/delivery-page'), 'DeliveryPage'),
});

const cells = createRoute({
  getParentRoute: () => fleet,
  path: '/cells',
  component: lazyRouteComponent(() => import('./screens/cells-screen'), 'CellsScreen'),
});

const policy = createRoute({
  getParentRoute: () => fleet,
  path: '/policy',
  validateSearch: (search: Record<string, unknown>) => ({ surface: textParam(search, 'surface') }),
  component: lazyRouteComponent(() => import('@/features/staff-violations/violations-page'), 'ViolationsPage'),
});

const finance = createRoute({ getParentRoute: () => shell, id: 'finance', component: lazyRouteComponent(() => import('./finance-frame'), 'FinanceFrame') });

const revenue = createRoute({
  getParentRoute: () => finance,
  path: '/finance',
  validateSearch: (search: Record<string, unknown>) => ({ currency: textParam(search, 'currency') }),
  component: lazyRouteComponent(() => import('@/features/staff-finance/finance-page'), 'FinancePage'),
});

const movements = createRoute({
  getParentRoute: () => finance,
  path: '/finance/movements',
  validateSearch: (search: Record<string, unknown>) => ({
    month: textParam(search, 'month'),
    currency: textParam(search, 'currency'),
    kind: textParam(search, 'kind'),
  }),
  component: lazyRouteComponent(() => import('@/features/staff-finance/movements-page'), 'MovementsPage'),
});

const comparisons = createRoute({
  getParentRoute: () => finance,
  path: '/finance/comparisons',
  validateSearch: (search: Record<string, unknown>) => ({ show: textParam(search, 'show') }),
  component: lazyRouteComponent(() => import('@/features/staff-finance/comparisons-page'), 'ComparisonsPage'),
});

const plans = createRoute({
  getParentRoute: () => finance,
  path: '/plans',
  component: lazyRouteComponent(() => import('@/features/staff-plans/plans-page'), 'PlansPage'),
});

const stripeEvents = createRoute({
  getParentRoute: () => finance,
  path: '/stripe-events',
  validateSearch: (search: Record<string, unknown>) => ({ state: textParam(search, 'state'), q: textParam(search, 'q') }),
  component: lazyRouteComponent(() => import('@/features/staff-finance/events-page'), 'EventsPage'),
});

const jobs = createRoute({
  getParentRoute: () => shell,
  path: '/jobs',
  validateSearch: (search: Record<string, unknown>) => ({
    kind: textParam(search, 'kind'),
    state: textParam(search, 'state'),
    organization: textParam(search, 'organization'),
  }),
  component: lazyRouteComponent(() => import('@/features/staff-jobs/jobs-page'), 'JobsPage'),
});

const support = createRoute({
  getParentRoute: () => shell,
  path: '/support',
  component: lazyRouteComponent(() => import('@/features/staff-support/support-page'), 'SupportPage'),
});

/** Where an organization's host sends the browser back for its code. */
const handOver = createRoute({
  getParentRoute: () => shell,
  path: '/support/hand-over/',
  validateSearch: (search: Record<string, unknown>) => ({ grant: textParam(search, 'grant'), n: textParam(search, 'n') }),
  component: lazyRouteComponent(() => import('@/features/staff-support/hand-over-page'), 'SupportHandOverPage'),
});

const flags = createRoute({
  getParentRoute: () => shell,
  path: '/flags',
  validateSearch: (search: Record<string, unknown>) => ({ flag: textParam(search, 'flag') }),
  component: lazyRouteComponent(() => import('@/features/staff-flags/flags-page'), 'FlagsPage'),
});

const announcements = createRoute({
  getParentRoute: () => shell,
  path: '/announcements',
  validateSearch: (search: Record<string, unknown>) => ({ show: textParam(search, 'show') }),
  component: lazyRouteComponent(() => import('@/features/staff-announcements/announcements-page'), 'AnnouncementsPage'),
});

const incidents = createRoute({
  getParentRoute: () => shell,
  path: '/incidents',
  component: lazyRouteComponent(() => import('@/features/staff-incidents/incidents-page'), 'IncidentsPage'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>) => ({
    organization: textParam(search, 'organization'),
    actor: textParam(search, 'actor'),
    action: textParam(search, 'action'),
  }),
  component: lazyRouteComponent(() => import('@/features/staff-audit/audit-page'), 'AuditPage'),
});

const accounts = createRoute({
  getParentRoute: () => shell,
  path: '/accounts',
  component: lazyRouteComponent(() => import('@/features/staff-accounts/accounts-page'), 'AccountsPage'),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/staff-auth/account-page'), 'AccountPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setUp,
    shell.addChildren([start, organizations, organization, restore, fleet.addChildren([fleetOverview, releases, dispatcher, capacity, delivery, cells, policy]), finance.addChildren([revenue, movements, comparisons, plans, stripeEvents]), jobs, support, handOver, flags, announcements, incidents, audit, accounts, account]),
  ]),
  ...routerOptions,
});
