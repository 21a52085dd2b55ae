import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { requireMember } from '@/app/guard';
import { BareError, BareNotFound } from '@/app/boundaries';
import { routerOptions, textParam } from '@/app/router-options';
import { boot } from '@/lib/boot';
import { can } from '@/lib/permissions';
import { SettingsFrame } from './settings-frame';
import { SETTINGS } from './settings-nav';
import { StudioRoot } from './root';
import { StudioShell } from './shell';

const root = createRootRoute({ component: StudioRoot, notFoundComponent: BareNotFound, errorComponent: BareError });

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
    state: textParam(search, 'state'),
    view: textParam(search, 'view') === 'invited' ? ('invited' as const) : undefined,
    invite: textParam(search, 'invite') === undefined ? undefined : ('1' as const),
  }),
  component: lazyRouteComponent(() => import('@/features/people/people-page'), 'PeoplePage'),
});

const branding = createRoute({
  getParentRoute: () => shell,
  path: '/studio/branding',
  component: lazyRouteComponent(() => import('@/features/branding/branding-page'), 'BrandingPage'),
});

const STATES = ['uploading', 'processing', 'playable', 'ready', 'failed'] as const;

const media = createRoute({
  getParentRoute: () => shell,
  path: '/studio/media',
  validateSearch: (search: Record<string, unknown>) => ({
    q: textParam(search, 'q'),
    state: STATES.find((state) => state === search['state']),
  }),
  component: lazyRouteComponent(() => import('./screens/media-screen'), 'MediaScreen'),
});

const courses = createRoute({
  getParentRoute: () => shell,
  path: '/studio/courses',
  component: lazyRouteComponent(() => import('./screens/courses-screen'), 'CoursesScreen'),
});

/** The settings, a section each; without one the first that the member may see. */
const settings = createRoute({ getParentRoute: () => shell, path: '/studio/settings', component: SettingsFrame });

const settingsStart = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    const first = SETTINGS.find((place) => can(place.permission, boot().me));
    if (first) throw redirect({ to: first.to, replace: true });
  },
});

const domains = createRoute({
  getParentRoute: () => settings,
  path: 'domains',
  component: lazyRouteComponent(() => import('@/features/domains/domains-page'), 'DomainsPage'),
});

const organization = createRoute({
  getParentRoute: () => settings,
  path: 'organization',
  component: lazyRouteComponent(() => import('@/features/organization/organization-page'), 'OrganizationPage'),
});

const security = createRoute({
  getParentRoute: () => settings,
  path: 'security',
  component: lazyRouteComponent(() => import('@/features/account/policy-page'), 'SecurityPolicyPage'),
});

const usage = createRoute({
  getParentRoute: () => settings,
  path: 'usage',
  component: lazyRouteComponent(() => import('@/features/usage/usage-page'), 'UsagePage'),
});

const billing = createRoute({
  getParentRoute: () => settings,
  path: 'billing',
  validateSearch: (search: Record<string, unknown>) => ({
    checkout: (['done', 'cancelled'] as const).find((how) => how === search['checkout']),
    change: textParam(search, 'change') === undefined ? undefined : ('1' as const),
    plan: textParam(search, 'plan'),
    interval: (['month', 'year'] as const).find((interval) => interval === search['interval']),
    seats: textParam(search, 'seats'),
  }),
  component: lazyRouteComponent(() => import('@/features/billing/billing-page'), 'BillingPage'),
});

const data = createRoute({
  getParentRoute: () => settings,
  path: 'data',
  component: lazyRouteComponent(() => import('@/features/data/data-page'), 'DataPage'),
});

const audit = createRoute({
  getParentRoute: () => settings,
  path: 'audit',
  validateSearch: (search: Record<string, unknown>) => ({
    person: textParam(search, 'person'),
    group: textParam(search, 'group'),
    object: textParam(search, 'object'),
    since: textParam(search, 'since'),
    until: textParam(search, 'until'),
    support: textParam(search, 'support') === undefined ? undefined : ('1' as const),
    entry: textParam(search, 'entry'),
  }),
  component: lazyRouteComponent(() => import('@/features/audit/audit-page'), 'AuditPage'),
});

const support = createRoute({
  getParentRoute: () => settings,
  path: 'support',
  component: lazyRouteComponent(() => import('@/features/support/support-page'), 'SupportPage'),
});

/** The builder fills the window, so it stands outside the chrome. */
const builder = createRoute({
  getParentRoute: () => root,
  path: '/studio/courses/$course',
  beforeLoad: ({ location }) => {
    requireMember(location.href);
  },
  validateSearch: (search: Record<string, unknown>) => ({
    lesson: textParam(search, 'lesson'),
    view: textParam(search, 'view') === 'course' ? ('course' as const) : undefined,
  }),
  component: lazyRouteComponent(() => import('./screens/builder-screen'), 'BuilderScreen'),
});

/** The end of a sign-up; it stands before any session. */
const handOver = createRoute({
  getParentRoute: () => root,
  path: '/hand-over/',
  component: lazyRouteComponent(() => import('@/features/auth/hand-over-page'), 'HandOverPage'),
});

/** Where support comes in and where it is told that it is over; both stand before any session. */
const supportEnter = createRoute({
  getParentRoute: () => root,
  path: '/support/enter/',
  component: lazyRouteComponent(() => import('@/features/support/enter-page'), 'SupportEnterPage'),
});

const supportEnded = createRoute({
  getParentRoute: () => root,
  path: '/support/ended/',
  component: lazyRouteComponent(() => import('@/features/support/ended-page'), 'SupportEndedPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([handOver, supportEnter, supportEnded, builder, shell.addChildren([home, courses, media, people, branding, settings.addChildren([settingsStart, organization, domains, billing, usage, data, security, audit, support])])]),
  ...routerOptions,
});
