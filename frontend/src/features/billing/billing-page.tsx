import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { type Interval, readSeats } from '@/features/pricing/model';
import { useCan } from '@/lib/permissions';
import { boot, updateBoot } from '@/lib/boot';
import { day } from '@/lib/time';
import { Notice } from '@/ui/notice';
import { PageBody } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { billingQuery } from './api';
import { CancelSection } from './cancel-section';
import { CheckoutReturn } from './checkout-return';
import { DetailsSection } from './details-section';
import { EntitlementsSection } from './entitlements-section';
import { InvoicesSection } from './invoices-section';
import { type Billing, buysAnew, owesMoney, type Subscription, type Wish } from './model';
import { PlanCard, PortalButton } from './plan-card';
import { PlanDialog } from './plan-dialog';

export interface BillingSearch {
  checkout?: 'done' | 'cancelled' | undefined;
  change?: '1' | undefined;
  plan?: string | undefined;
  interval?: Interval | undefined;
  seats?: string | undefined;
}

/** Settings, Billing: what the organization has, what it costs, and every way to change that. The dialog stands in the address. */
export function BillingPage() {
  usePageTitle(t`Billing`);
  const may = useCan('billing.view');
  const found = useQuery({ ...billingQuery, enabled: may });
  const subscription = found.data?.subscription;
  const isInvoiced = found.data?.account.collection === 'invoice';
  useEffect(() => {
    if (subscription) tellBanner(subscription, isInvoiced);
  }, [subscription, isInvoiced]);
  return (
    <PageBody>
      {!may ? (
        <Forbidden compact />
      ) : found.data ? (
        <Sections billing={found.data} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <BillingSkeleton />
      )}
    </PageBody>
  );
}

/** The banner above started with what held then; it follows what happens on this page. */
function tellBanner(subscription: Subscription, is_invoiced: boolean): void {
  const { state, is_at_stripe, is_comp, trial_end_at, past_due_since_at, read_only_at, crowded_since_at, owes, cancel_at } = subscription;
  const { billing } = boot();
  if (billing) updateBoot({ billing: { ...billing, state, is_at_stripe, is_comp, is_invoiced, trial_end_at, past_due_since_at, read_only_at, crowded_since_at, owes, cancel_at } });
}

function Sections({ billing }: { billing: Billing }) {
  const search = useSearch({ strict: false }) as BillingSearch;
  const navigate = useNavigate();
  const mayManage = useCan('billing.manage');
  const change = (next: BillingSearch) => void navigate({ to: '/studio/settings/billing', search: next, replace: true, resetScroll: false });
  const { subscription, is_configured } = billing;
  const closing = isClosing();
  const mayChange = mayManage && is_configured && !closing;
  if (!subscription) {
    return (
      <Notice tone="warning" className="max-w-[720px]" title={<Trans>This organization has no plan.</Trans>}>
        <Trans>Everything that exists works. Somebody of the platform has to give it one.</Trans>
      </Notice>
    );
  }
  const owes = owesMoney(subscription);
  return (
    <div className="grid max-w-[920px] grid-cols-[minmax(0,1fr)] gap-10">
      {search.checkout || !is_configured ? (
        <div className="grid gap-3">
          {is_configured ? null : (
            <Notice title={<Trans>Nothing can be bought here.</Trans>}>
              <Trans>This installation has no payment provider. What you have stands below; whoever runs the platform can give you more.</Trans>
            </Notice>
          )}
          {search.checkout ? <CheckoutReturn how={search.checkout} onSeen={() => change({})} /> : null}
        </div>
      ) : null}
      {closing ? <Closing subscription={subscription} /> : null}
      <PlanCard billing={billing} subscription={subscription} mayManage={mayManage} mayChange={!closing} onChange={() => change({ change: '1' })} />
      <EntitlementsSection
        rows={billing.entitlements}
        plans={billing.plans}
        onUp={mayChange && !owes ? (plan) => change({ change: '1', plan }) : undefined}
      />
      <InvoicesSection />
      {mayManage && is_configured && !buysAnew(subscription) ? <Portal /> : null}
      <DetailsSection billing={billing} mayManage={mayManage} />
      {mayChange && !buysAnew(subscription) ? <CancelSection subscription={subscription} /> : null}
      {search.change && mayChange && !owes ? (
        <PlanDialog billing={billing} subscription={subscription} asked={askedOf(search)} onClose={() => change({})} />
      ) : null}
    </div>
  );
}

function isClosing(): boolean {
  return boot().organization?.state === 'pending_deletion';
}

/** What the deletion that was asked for means for the money, and where it is called off. */
function Closing({ subscription }: { subscription: Subscription }) {
  const ends = subscription.cancel_at;
  return (
    <Notice tone="warning" className="max-w-[720px]" title={<Trans>This organization will be deleted.</Trans>}>
      {buysAnew(subscription) ? (
        <Trans>Nothing is charged. To choose a plan, call the deletion off first.</Trans>
      ) : ends ? (
        <Trans>Its plan ends on {day(ends)}, or with the organization if that comes first. Nothing is charged after that; what is unpaid stays due.</Trans>
      ) : (
        <Trans>Its plan is being ended with it. What is unpaid stays due.</Trans>
      )}{' '}
      <a href="/studio" className="underline underline-offset-2">
        <Trans>Call the deletion off</Trans>
      </a>
    </Notice>
  );
}

function askedOf(search: BillingSearch): Partial<Wish> {
  const seats = readSeats(search.seats);
  return {
    ...(search.plan === undefined ? {} : { plan: search.plan }),
    ...(search.interval === undefined ? {} : { interval: search.interval }),
    ...(seats === undefined ? {} : { seats }),
  };
}

function Portal() {
  return (
    <section aria-labelledby="payment" className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 max-w-[56ch]">
        <h2 id="payment" className="t-h4">
          <Trans>Card and receipts</Trans>
        </h2>
        <p className="mt-1.5 text-text-2">
          <Trans>Stripe keeps the card; we never see it. Change it there, or pay an open invoice.</Trans>
        </p>
      </div>
      <PortalButton>
        <Trans>Open the payment page</Trans>
      </PortalButton>
    </section>
  );
}

function BillingSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid max-w-[920px] gap-4">
      <Skeleton className="h-8 w-40" />
      <Skeleton className="h-5 w-96 max-w-full" />
      <div className="mt-4 grid gap-6 sm:grid-cols-3">
        {[0, 1, 2].map((fact) => (
          <Skeleton key={fact} className="h-20 w-full" />
        ))}
      </div>
      <Skeleton className="mt-6 h-64 w-full" />
    </div>
  );
}
