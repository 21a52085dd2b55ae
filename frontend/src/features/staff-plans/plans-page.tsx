import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Fragment } from 'react';
import { call } from '@/api/client';
import type { PlanList, SoldPlan } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { amount } from '@/features/staff-billing/model';
import { act } from '@/features/staff-kit/act';
import { count } from '@/features/staff-kit/age';
import { Fact, Facts } from '@/features/staff-kit/facts';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { sentence } from '@/features/staff-kit/problem';
import { spaced } from '@/features/staff-kit/words';
import { money } from '@/lib/money';
import { useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';

type Version = SoldPlan['versions'][number];

const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => call<PlanList>('GET', 'plans/', { signal }),
});

/** What is and was sold, what it brings, who has it, and whether it is at Stripe. */
export function PlansPage() {
  usePageTitle(t`Plans`);
  const found = useQuery(plansQuery);
  return (
    <StaffPage title={<Trans>Plans</Trans>} aside={<Trans>sold versions never change; a new price is a new version</Trans>}>
      {found.isPending ? (
        <PageSkeleton />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-10 sm:grid-cols-2 xl:grid-cols-3">
          {found.data.items.flatMap((plan) => plan.versions.map((version) => <OneVersion key={`${plan.key} ${version.number}`} plan={plan} version={version} features={found.data.features} />))}
        </div>
      )}
    </StaffPage>
  );
}

function OneVersion({ plan, version, features }: { plan: SoldPlan; version: Version; features: PlanList['features'] }) {
  const { organizations: has } = version;
  const all = has.trialing + has.active + has.past_due + has.read_only + has.given;
  const late = [has.past_due > 0 ? t`${count(has.past_due)} past due` : '', has.read_only > 0 ? t`${count(has.read_only)} read-only` : '', has.given > 0 ? t`${count(has.given)} given` : ''].filter(Boolean);
  return (
    <Section
      title={t`${plan.name} v${version.number}`}
      aside={<span className="text-text-3">{version.sold_until ? t`sold until ${day(version.sold_until)}` : spaced(plan.state)}</span>}
      className="min-w-0"
    >
      <Facts>
        <Fact name={<Trans>Organizations</Trans>}>
          {plural(all, { one: '#', other: '#' })}
          {late.length > 0 ? <span className="block text-text-3">{late.join(', ')}</span> : null}
        </Fact>
        <Fact name={<Trans>Sold from</Trans>}>{day(version.sold_from)}</Fact>
        <Fact name={<Trans>A seat, a month</Trans>}>
          {version.prices.length === 0
            ? t`nothing`
            : version.prices
                .filter((price) => price.interval === 'month')
                .map((price) => money(price.seat_minor, price.currency))
                .join(' · ')}
        </Fact>
        {version.prices.length > 0 ? <Fact name={<Trans>Fewest seats</Trans>}>{count(version.seats_min)}</Fact> : null}
        {features.map((feature) => {
          const brings = version.brings.find((line) => line.feature === feature.key);
          return (
            <Fact key={feature.key} name={feature.name}>
              {brought(feature, brings)}
            </Fact>
          );
        })}
        <Fact name={<Trans>Prices at Stripe</Trans>}>
          <Prices plan={plan} version={version} />
        </Fact>
      </Facts>
    </Section>
  );
}

function brought(feature: PlanList['features'][number], brings: Version['brings'][number] | undefined): string {
  if (feature.kind === 'switch') return brings?.value ? t`On` : t`Off`;
  if (!brings || brings.value === null) return t`no limit`;
  // A seat brings a seat: what is paid for is what there is.
  if (feature.key === 'seats' && brings.value === 0 && brings.per_seat === 1) return t`as many as are paid for`;
  const more = brings.per_seat > 0 ? t`${amount(brings.per_seat, feature.unit)} a seat` : '';
  if (brings.value === 0 && more) return more;
  return more ? t`${amount(brings.value, feature.unit)} and ${more}` : amount(brings.value, feature.unit);
}

function Prices({ plan, version }: { plan: SoldPlan; version: Version }) {
  const client = useQueryClient();
  const may = useCan('finance.act');
  const make = useMutation({
    mutationFn: () => act<PlanList>('POST', `plans/${plan.key}/versions/${version.number}/prices/`),
    onSuccess: (answer) => {
      client.setQueryData(plansQuery.queryKey, answer);
      toast(t`Prices made`);
    },
    onError: (error) => toast(sentence(error)),
  });
  if (version.prices_wanted === 0) return t`not sold`;
  const whole = version.prices_made === version.prices_wanted;
  return (
    <Fragment>
      <Status tone={whole ? 'fine' : 'off'} className="whitespace-normal!">{whole ? t`${version.prices_made} of ${version.prices_wanted}` : t`${version.prices_made} of ${version.prices_wanted}, the rest when bought`}</Status>
      {whole || !may ? null : (
        <Button size="sm" className="ms-3" loading={make.isPending} onClick={() => make.mutate()} aria-label={t`Make the prices of ${plan.name} v${version.number}`}>
          {make.isPending ? <Trans>Making</Trans> : <Trans>Make</Trans>}
        </Button>
      )}
    </Fragment>
  );
}
