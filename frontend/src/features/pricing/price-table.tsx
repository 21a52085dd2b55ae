import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { money, unitPrice } from '@/lib/money';
import { buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { brings, type Interval, type PlanOffer, priceOf, seatPrice, seatsBilled } from './model';
import { featureAmount, featureName, isSwitch, overageUnit, seatsWord } from './words';

/** Rows in the order in which people ask; what else a plan brings comes after them. */
const ORDER = ['storage_bytes', 'delivered_bytes', 'transcode_seconds', 'domains', 'sso', 'mfa', 'audit', 'export', 'priority_support'];

interface PriceTableProps {
  plans: readonly PlanOffer[];
  interval: Interval;
  currency: string;
  seats: number;
}

/** The plans beside each other. On phones their heads stand below one another, and each row names the plans again. */
export function PriceTable({ plans, interval, currency, seats }: PriceTableProps) {
  const known = new Set(plans.flatMap((plan) => Object.keys(plan.features)));
  known.delete('seats');
  const features = [...ORDER.filter((feature) => known.delete(feature)), ...known];
  const meters = [...new Set(plans.flatMap((plan) => Object.keys(plan.overage)))];
  return (
    <table className="w-full border-collapse text-start max-md:block md:table-fixed">
      <caption className="sr-only">
        <Trans>What each plan costs and brings for {seatsWord(seats)}</Trans>
      </caption>
      <thead className="max-md:block">
        <tr className="max-md:grid max-md:divide-y max-md:divide-line">
          <th scope="col" className="w-[24%] p-0 max-md:hidden">
            <span className="sr-only">{t`What it brings`}</span>
          </th>
          {plans.map((plan) => (
            <th key={plan.key} scope="col" className="pe-6 pb-6 text-start align-top font-normal max-md:py-5">
              <Head plan={plan} interval={interval} currency={currency} seats={seats} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-md:block max-md:border-t max-md:border-line">
        <Row name={<Trans>Begins with</Trans>} plans={plans} cell={(plan) => seatsWord(plan.seats_min)} />
        {features.map((feature) => (
          <Row key={feature} name={featureName(feature)} plans={plans} cell={(plan) => <Cell plan={plan} feature={feature} seats={seats} />} />
        ))}
        {meters.map((meter) => (
          <Row
            key={meter}
            name={meter === 'transcode_seconds' ? <Trans>Encoding beyond that, if you allow it</Trans> : <Trans>Watching beyond that, if you allow it</Trans>}
            plans={plans}
            cell={(plan) => {
              const price = plan.overage[meter]?.[currency];
              return price === undefined ? <Dash /> : `${unitPrice(price, currency)} ${overageUnit(meter)}`;
            }}
          />
        ))}
      </tbody>
    </table>
  );
}

function Head({ plan, interval, currency, seats }: { plan: PlanOffer } & Omit<PriceTableProps, 'plans'>) {
  const price = priceOf(plan, interval, currency, seats);
  const one = seatPrice(plan, interval, currency);
  if (price === undefined || one === undefined) return <span className="t-h4">{plan.name}</span>;
  const billed = seatsBilled(plan, seats);
  return (
    <span className="grid gap-1 max-md:grid-cols-[minmax(0,1fr)_auto] max-md:items-center max-md:gap-x-4">
      <span className="t-h4 max-md:col-span-2">{plan.name}</span>
      <span className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-heading text-[32px] leading-10 font-[620] tracking-[-0.03em]">{money(price, currency, { short: true })}</span>
        <span className="t-sm text-text-2">{interval === 'year' ? <Trans>a year</Trans> : <Trans>a month</Trans>}</span>
      </span>
      <span className="t-sm text-text-2 md:min-h-10 max-md:col-start-1">
        {interval === 'year' ? (
          <Trans>
            {money(one, currency, { short: true })} a seat and year
          </Trans>
        ) : (
          <Trans>{money(one, currency, { short: true })} a seat and month</Trans>
        )}
        {billed > seats ? (
          <>
            {', '}
            <Trans>at least {seatsWord(billed)}</Trans>
          </>
        ) : null}
      </span>
      <Link to="/sign-up/organization" className={buttonClass('secondary', 'md', 'md:mt-3 md:w-full max-md:col-start-2 max-md:row-span-2 max-md:row-start-2')}>
        <Trans>Start free</Trans>
        <span className="sr-only">{t`, then choose ${plan.name}`}</span>
      </Link>
    </span>
  );
}

function Row({ name, plans, cell }: { name: ReactNode; plans: readonly PlanOffer[]; cell: (plan: PlanOffer) => ReactNode }) {
  return (
    <tr className="border-t border-line max-md:grid max-md:grid-cols-3 max-md:gap-x-3 max-md:py-3">
      <th scope="row" className="py-3 pe-6 text-start font-normal text-text-2 max-md:col-span-3 max-md:p-0 max-md:pb-1 max-md:t-sm">
        {name}
      </th>
      {plans.map((plan) => (
        <td key={plan.key} className="py-3 pe-6 max-md:p-0">
          <span className="block t-xs text-text-3 md:hidden" aria-hidden="true">
            {plan.name}
          </span>
          {cell(plan)}
        </td>
      ))}
    </tr>
  );
}

function Cell({ plan, feature, seats }: { plan: PlanOffer; feature: string; seats: number }) {
  const value = brings(plan, feature, seats);
  if (value === undefined || (value === 0 && isSwitch(feature))) return <Dash />;
  if (!isSwitch(feature)) return featureAmount(feature, value);
  return (
    <>
      <Icon as={Check} size={18} />
      <span className="sr-only">
        <Trans>Included</Trans>
      </span>
    </>
  );
}

function Dash() {
  return (
    <>
      <span aria-hidden="true" className="text-text-3">
        –
      </span>
      <span className="sr-only">
        <Trans>Not included</Trans>
      </span>
    </>
  );
}
