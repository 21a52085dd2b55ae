import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link, Outlet } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { ForbiddenPage } from '@/app/boundaries';
import { AccountMenu } from '@/features/account/account-menu';
import { Announcements } from '@/features/announcements/announcements';
import { ReadOnlyBanner } from '@/features/organization/read-only-banner';
import { bannerOf } from '@/features/billing/model';
import { boot } from '@/lib/boot';
import { can, useBoot, useMe, worksInStudio } from '@/lib/permissions';
import { Icon } from '@/ui/icon';
import { BrandMark } from '@/ui/brand-mark';
import { SkipLink } from '@/ui/page';
import { TabBar } from '@/ui/tab-bar';
import { Tooltip } from '@/ui/tooltip';
import { PLACES } from './nav';

const SecondStepBanner = lazy(() => import('@/features/account/second-step-banner').then((module) => ({ default: module.SecondStepBanner })));

const BillingBanner = lazy(() => import('@/features/billing/billing-banner').then((module) => ({ default: module.BillingBanner })));

const ROW =
  'flex h-[34px] items-center gap-2.5 rounded-2 px-2.5 font-medium text-text-2 hover:bg-hover max-lg:justify-center max-lg:px-0 pointer-coarse:h-11';

/** Ink chrome: 232 px of sunken navigation, a 60 px rail when narrow, a tab bar on phones. */
export function StudioShell() {
  const me = useMe();
  const { brand, organization } = boot();
  const places = PLACES.filter((place) => place.permission === null || can(place.permission, me));
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[60px_minmax(0,1fr)] lg:grid-cols-[232px_minmax(0,1fr)]">
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <aside aria-label={t`Studio`} className="sticky top-0 hidden h-dvh flex-col border-e border-line bg-sunken px-2.5 py-3 md:flex lg:px-3">
        <div className="mb-3 flex min-h-11 items-center gap-2.5 px-[7px] py-1.5 lg:px-2">
          <BrandMark name={brand.name} logo={brand.logo} size={26} nameClass="min-w-0 flex-1 truncate font-semibold max-lg:hidden" />
        </div>
        <nav aria-label={t`Main`} className="grid gap-0.5">
          {places.map((place) => (
            <Tooltip key={place.to} label={place.label()} side="right">
              <Link
                to={place.to}
                activeOptions={{ exact: place.exact ?? false }}
                className={`${ROW} aria-[current=page]:bg-surface aria-[current=page]:text-text aria-[current=page]:shadow-e1 aria-[current=page]:ring-1 aria-[current=page]:ring-line`}
              >
                <Icon as={place.icon} />
                <span className="max-lg:sr-only">{place.label()}</span>
              </Link>
            </Tooltip>
          ))}
        </nav>
        <div className="mt-auto grid grid-cols-[minmax(0,1fr)] gap-1 t-xs">
          <a href="/" className={`${ROW} px-2!`} title={t`What your learners see`}>
            <Icon as={ExternalLink} />
            <span className="truncate max-lg:sr-only">{organization?.host ?? brand.name}</span>
          </a>
          <div className="mt-1 border-t border-line pt-1">
            <AccountMenu look="row" side="top" />
          </div>
        </div>
      </aside>
      <div className="min-w-0">
        {me?.second_factor.state === 'due' ? (
          <Suspense fallback={null}>
            <SecondStepBanner />
          </Suspense>
        ) : null}
        <Money />
        <Announcements surface="studio" className="px-4 pt-3 md:px-8" />
        <main id="main" tabIndex={-1}>
          {worksInStudio(me) ? (
            <Outlet />
          ) : (
            <ForbiddenPage />
          )}
        </main>
      </div>
      <TabBar label={t`Main, at the bottom`}>
        {places.map((place) => (
          <Link key={place.to} to={place.to} activeOptions={{ exact: place.exact ?? false }}>
            <Icon as={place.icon} size={20} />
            {place.label()}
          </Link>
        ))}
        <AccountMenu look="tab" side="top" />
      </TabBar>
    </div>
  );
}

/** How the plan stands, for who pays; that nothing can be changed, for everybody else. Never both. */
function Money() {
  const { billing, organization } = useBoot();
  const standing = billing ?? null;
  const found = bannerOf(standing);
  // While the organization waits to be deleted nothing is chosen or taken back here: what is owed is still said.
  const kind = organization?.state === 'pending_deletion' && found !== 'unpaid' && found !== 'past_due' ? null : found;
  const crowdedOut = kind === 'crowded' && !!standing?.read_only_at && Date.parse(standing.read_only_at) <= Date.parse(standing.now);
  const closed = kind === 'trial_over' || kind === 'unpaid' || kind === 'ended' || crowdedOut;
  return (
    <>
      {kind && standing ? (
        <Suspense fallback={null}>
          <BillingBanner kind={kind} standing={standing} />
        </Suspense>
      ) : null}
      {closed ? null : <ReadOnlyBanner />}
    </>
  );
}
