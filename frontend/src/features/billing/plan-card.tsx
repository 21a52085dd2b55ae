import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { seatsWord } from '@/features/pricing/words';
import { boot } from '@/lib/boot';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { openPortal } from './api';
import { leaveFor, useBackAgain } from './leaving';
import { type Billing, buysAnew, nextInvoiceAt, owesMoney, paymentWay, type Subscription } from './model';
import { cardWords, keptWords, sentence, standingOf } from './words';

interface PlanCardProps {
  billing: Billing;
  subscription: Subscription;
  mayManage: boolean;
  /** False while the organization waits to be deleted: what is owed can be paid, and nothing bought. */
  mayChange?: boolean;
  onChange: () => void;
}

/** What the organization has: the plan, how it stands, the next invoice, and how many of the seats are taken. */
export function PlanCard({ billing, subscription, mayManage, mayChange = true, onChange }: PlanCardProps) {
  const anew = buysAnew(subscription);
  const owes = owesMoney(subscription);
  const { tone, word, detail } = standingOf(subscription, billing.account.collection === 'invoice', itsNow());
  return (
    <section aria-labelledby="plan" className="grid gap-6">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <h2 id="plan" className="t-h2">
            {subscription.plan.name}
          </h2>
          <p className="mt-1.5 max-w-[72ch]">
            <Status tone={tone} className="me-2 font-medium">
              {word}
            </Status>
            <span className="text-text-2">{detail}</span>
          </p>
        </div>
        {mayManage && billing.is_configured ? (
          <div className="flex flex-wrap gap-2 max-sm:w-full max-sm:*:flex-1">
            {owes ? (
              <PortalButton primary>{billing.account.collection === 'invoice' ? <Trans>See and pay invoices</Trans> : null}</PortalButton>
            ) : mayChange ? (
              <Button variant={subscription.cancel_at ? 'secondary' : 'primary'} onClick={onChange}>
                {anew ? <Trans>Choose a plan</Trans> : <Trans>Change plan or seats</Trans>}
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
      <dl className="grid gap-x-10 gap-y-5 sm:grid-cols-2 lg:grid-cols-3">
        <Fact name={<Trans>Seats</Trans>}>
          <Seats subscription={subscription} limit={seatLimit(billing)} />
        </Fact>
        <Fact name={<Trans>Price</Trans>}>
          <Price subscription={subscription} />
        </Fact>
        <Fact name={<Trans>Next invoice</Trans>}>
          <NextInvoice subscription={subscription} />
        </Fact>
      </dl>
      <Kept subscription={subscription} />
      {anew ? null : <Payment billing={billing} subscription={subscription} mayManage={mayManage} />}
    </section>
  );
}

/** Opens Stripe's own page: card, invoices to pay, receipts. */
export function PortalButton({ primary = false, children }: { primary?: boolean; children?: ReactNode }) {
  const open = useMutation({ mutationFn: openPortal, onSuccess: ({ url }) => leaveFor(url) });
  useBackAgain(() => open.reset());
  return (
    <>
      <Button variant={primary ? 'primary' : 'secondary'} loading={open.isPending || open.isSuccess} onClick={() => open.mutate()}>
        {children ?? <Trans>Pay or change the card</Trans>}
      </Button>
      {open.isError ? (
        <Notice tone="danger" live className="basis-full" title={<Trans>Stripe's page did not open.</Trans>}>
          {sentence(open.error)}
        </Notice>
      ) : null}
    </>
  );
}

/** How many may sign in now: what the entitlements say, overrides and kept seats included. */
function seatLimit(billing: Billing): number | null | undefined {
  return billing.entitlements.find(({ feature }) => feature === 'seats')?.value;
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0 border-t border-line-2 pt-2.5">
      <dt className="t-sm text-text-2">{name}</dt>
      <dd className="mt-0.5">{children}</dd>
    </div>
  );
}

const FIGURE = 'block text-[20px] leading-7 font-[560] tabular-nums';

function Seats({ subscription, limit }: { subscription: Subscription; limit: number | null | undefined }) {
  const have = limit === undefined ? Math.max(subscription.seats, subscription.seats_kept ?? 0) : limit;
  const used = subscription.seats_used;
  if (have === null) {
    return (
      <span className={FIGURE}>
        <Trans>{used} in use</Trans>
      </span>
    );
  }
  return (
    <>
      <span className={FIGURE}>
        {used}
        <span className="text-[15px] font-normal text-text-3">
          {' '}
          <Trans>of {seatsWord(have)} in use</Trans>
        </span>
      </span>
      <Progress value={have > 0 ? used / have : 1} label={t`Seats`} valueText={t`${used} of ${have}`} height={6} className="mt-2" />
    </>
  );
}

function Price({ subscription }: { subscription: Subscription }) {
  const { recurring_minor, seat_minor, interval, currency, seats } = subscription;
  if (buysAnew(subscription)) {
    return (
      <span className={FIGURE}>
        <Trans>Nothing</Trans>
      </span>
    );
  }
  return (
    <>
      <span className={FIGURE}>
        {money(recurring_minor, currency)}{' '}
        <span className="text-[15px] font-normal text-text-3">{interval === 'year' ? <Trans>a year</Trans> : <Trans>a month</Trans>}</span>
      </span>
      <span className="t-xs text-text-3">
        <Trans>
          {seatsWord(seats)} × {money(seat_minor, currency)}, without tax
        </Trans>
      </span>
    </>
  );
}

function NextInvoice({ subscription }: { subscription: Subscription }) {
  const at = nextInvoiceAt(subscription);
  return <span className={FIGURE}>{at === null ? <Trans>None</Trans> : day(at)}</span>;
}

/** How the next invoice is paid, and what has to be done before if it cannot be. */
function Payment({ billing, subscription, mayManage }: { billing: Billing; subscription: Subscription; mayManage: boolean }) {
  const { account, payment_method: method } = billing;
  const next = nextInvoiceAt(subscription);
  const way = paymentWay(account, method, next);
  if (way === 'invoice') {
    return (
      <p className="t-sm text-text-2">
        <Trans>Paid by invoice within 30 days, sent to {account.contacts[0] ?? t`the owners`}.</Trans>
      </p>
    );
  }
  if (way === 'card' || next === null) {
    return method ? (
      <p className="t-sm text-text-2">
        <Trans>Paid with: {cardWords(method)}.</Trans>
      </p>
    ) : null;
  }
  return (
    <Notice
      tone="warning"
      title={way === 'none' ? <Trans>No card is on file.</Trans> : <Trans>The card expires before the next invoice.</Trans>}
      action={
        mayManage && billing.is_configured && !owesMoney(subscription) ? (
          <PortalButton>{way === 'none' ? <Trans>Add a card</Trans> : <Trans>Change the card</Trans>}</PortalButton>
        ) : null
      }
    >
      {method ? <Trans>{cardWords(method)}. The invoice of {day(next)} could not be charged.</Trans> : <Trans>The invoice of {day(next)} could not be charged. Add one before, or have invoices sent.</Trans>}
    </Notice>
  );
}

/** What is had beside what is billed: a smaller plan or fewer seats that begin later, or what was given before. */
function Kept({ subscription }: { subscription: Subscription }) {
  const words = keptWords(subscription);
  return words ? <Notice title={words.title}>{words.detail}</Notice> : null;
}

/** Now as the organization's account counts: a sandbox's clock is ahead of ours, if anything. */
function itsNow(): number {
  const { billing } = boot();
  return Math.max(Date.now(), billing ? Date.parse(billing.now) : 0);
}
