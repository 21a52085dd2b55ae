import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { CURRENCIES, type Interval, monthsFree } from '@/features/pricing/model';
import { featureAmount, seatsWord } from '@/features/pricing/words';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Radio } from '@/ui/radio';
import { Segmented } from '@/ui/segmented';
import { toast } from '@/ui/toast';
import { billingKeys, billingQuery, changePlan, confirmCard, openCheckout, previewQuery } from './api';
import { leaveFor, useBackAgain } from './leaving';
import { type Billing, buysAnew, firstWish, isChange, type Lost, lostWith, type PlanChoice, recurring, type SeatsFault, seatsFault, type Subscription, type Wish } from './model';
import { PreviewPanel } from './preview';
import { sentence } from './words';

/** A hand that is still typing is not asked for a price at every digit. */
const TYPING_MS = 400;
/** Stripe keeps a trial's remaining days if there are this many hours of it. */
const TRIAL_KEPT_MS = 48 * 3_600_000;

interface PlanDialogProps {
  billing: Billing;
  subscription: Subscription;
  /** What a link asked for: "60 seats", "Team". */
  asked: Partial<Wish>;
  onClose: () => void;
}

/** Which plan, how often, how many seats; what that costs stands below before it is agreed to. */
export function PlanDialog({ billing, subscription, asked, onClose }: PlanDialogProps) {
  const id = useId();
  const { plans } = billing;
  const anew = buysAnew(subscription);
  const isInvoiced = billing.account.collection === 'invoice';
  const [wish, setWish] = useState<Wish>(() => firstWish(subscription, plans, asked));
  const [typed, setTyped] = useState(() => String(wish.seats));
  const [currency, setCurrency] = useState(anew ? billing.account.currency : subscription.currency);
  const plan = plans.find(({ key }) => key === wish.plan);
  const fault = seatsFault(/^\d+$/.test(typed.trim()) ? Number(typed) : undefined, plan, subscription.seats_used);
  const choose = (key: string) => {
    const next = plans.find((known) => known.key === key);
    const seats = Math.max(wish.seats, next?.seats_min ?? 1);
    setWish({ ...wish, plan: key, seats });
    setTyped(String(seats));
  };
  const count = (text: string) => {
    setTyped(text);
    if (/^\d{1,6}$/.test(text.trim())) setWish({ ...wish, seats: Number(text) });
  };
  const settled = useSettled(wish);
  const checkout = useCheckout(wish, currency);
  const change = useChange({ wish: settled, asks: !anew && fault === 'none' && isChange(subscription, settled), onDone: onClose });
  const confirmation = useMutation({ mutationFn: () => confirmCard(settled), onSuccess: ({ url }) => leaveFor(url) });
  const client = useQueryClient();
  useBackAgain(() => {
    checkout.reset();
    confirmation.reset();
    // What was bought or confirmed there may be here already.
    void client.invalidateQueries({ queryKey: billingKeys.all });
  });
  const ready = fault === 'none' && plan !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    if (anew) checkout.mutate();
    else if (settled === wish) change.agree();
  };
  const busy = checkout.isPending || checkout.isSuccess || change.busy;
  const may = anew ? ready : ready && change.ready && settled === wish;
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(next) => next || onClose()}
      title={anew ? <Trans>Choose a plan</Trans> : <Trans>Change plan or seats</Trans>}
      description={
        anew ? (
          isInvoiced ? (
            <Trans>You are sent an invoice, to be paid within 30 days.</Trans>
          ) : (
            <Trans>You pay on a page of Stripe's, which also asks where you are, for the tax.</Trans>
          )
        ) : (
          <Trans>You see the exact amounts before anything changes.</Trans>
        )
      }
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            {anew ? <Trans>Not now</Trans> : <Trans>Keep what I have</Trans>}
          </Button>
          <Button type="submit" form={id} variant="primary" loading={busy} disabled={!may}>
            <Act anew={anew} isInvoiced={isInvoiced} busy={busy} preview={change.preview} />
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        {checkout.isError ? (
          <Notice tone="danger" live title={isInvoiced ? <Trans>Nothing was ordered.</Trans> : <Trans>Checkout did not open.</Trans>}>
            {sentence(checkout.error)}
          </Notice>
        ) : null}
        {change.error && needsConfirmation(change.error) ? (
          <Notice
            tone="warning"
            live
            title={<Trans>Your bank wants to hear from you first.</Trans>}
            action={
              <Button loading={confirmation.isPending || confirmation.isSuccess} onClick={() => confirmation.mutate()}>
                <Trans>Confirm the card at Stripe</Trans>
              </Button>
            }
          >
            {confirmation.isError ? (
              sentence(confirmation.error)
            ) : (
              <Trans>
                Nothing was changed or charged. Type the card again on Stripe's page and confirm it with your bank; you come back here and press Change once
                more. If the bank asks again, use another card, or let invoices be sent.
              </Trans>
            )}
          </Notice>
        ) : change.error ? (
          <Notice tone="danger" live title={<Trans>Nothing was changed.</Trans>}>
            {sentence(change.error)}
          </Notice>
        ) : null}
        <div className="flex flex-wrap items-center gap-3">
          <Segmented
            label={t`How often you pay`}
            value={wish.interval}
            onChange={(interval: Interval) => setWish({ ...wish, interval })}
            options={[
              { value: 'month', label: <Trans>Monthly</Trans> },
              { value: 'year', label: plan && monthsFree(plan, currency) > 0 ? <Trans>Yearly, {monthsFree(plan, currency)} months free</Trans> : <Trans>Yearly</Trans> },
            ]}
          />
          {anew ? (
            <Segmented
              label={t`Currency`}
              value={currency}
              onChange={setCurrency}
              options={CURRENCIES.map((known) => ({ value: known, label: known.toUpperCase() }))}
            />
          ) : null}
        </div>
        <Radio
          label={<Trans>Plan</Trans>}
          name="plan"
          value={wish.plan}
          onChange={choose}
          options={plans.map((known) => ({
            value: known.key,
            label: known.key === subscription.plan.key && !anew ? t`${known.name} (what you have)` : known.name,
            detail: planDetail(known, wish.interval, currency),
          }))}
        />
        <Field
          label={<Trans>Seats</Trans>}
          required
          className="max-w-[320px]"
          hint={<Trans>A seat is a member who may sign in. {seatsWord(subscription.seats_used)} in use now.</Trans>}
          {...faultWords(fault, plan, subscription.seats_used)}
        >
          <Input name="seats" inputMode="numeric" autoComplete="off" value={typed} onChange={(event) => count(event.target.value)} />
        </Field>
        {fault === 'none' && plan && (anew || isChange(subscription, wish)) ? <LostNotice plan={plan} lost={lostWith(plan, wish.seats, billing.entitlements)} /> : null}
        {anew && ready ? <Sum wish={wish} plan={plan} currency={currency} isInvoiced={isInvoiced} trialEnd={subscription.state === 'trialing' ? subscription.trial_end_at : null} /> : null}
        {!anew && fault === 'none' ? (
          isChange(subscription, wish) ? (
            <PreviewPanel
              preview={settled === wish ? change.preview : undefined}
              error={settled === wish ? change.refused : null}
              onRetry={change.askAgain}
              stale={change.stale}
              keptUntil={subscription.period_end}
            />
          ) : (
            <p className="text-text-2">
              <Trans>This is what you have. Choose another plan or number of seats to see what it would cost.</Trans>
            </p>
          )
        ) : null}
      </form>
    </Dialog>
  );
}

/** What is in use and would not fit: said before anybody agrees, not found out afterwards. */
function LostNotice({ plan, lost }: { plan: PlanChoice; lost: readonly Lost[] }) {
  if (lost.length === 0) return null;
  return (
    <Notice tone="warning" title={<Trans>{plan.name} brings less than you use.</Trans>}>
      <ul className="grid gap-1">
        {lost.map(({ row, limit }) => (
          <li key={row.feature}>
            {row.kind === 'switch' ? (
              <Trans>{row.name} is not part of it.</Trans>
            ) : (
              <Trans>
                {row.name}: {featureAmount(row.feature, (row.used ?? 0) + (row.reserved ?? 0))} in use, {featureAmount(row.feature, limit)} included. Nothing is deleted; nothing is added
                until it fits.
              </Trans>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Act({ anew, isInvoiced, busy, preview }: { anew: boolean; isInvoiced: boolean; busy: boolean; preview: { effective: string; due_now_minor: number; currency: string; next: { at: string } | null } | undefined }) {
  if (anew && isInvoiced) return busy ? <Trans>Ordering</Trans> : <Trans>Order by invoice</Trans>;
  if (anew) return busy ? <Trans>Opening checkout</Trans> : <Trans>Go to checkout</Trans>;
  if (busy) return <Trans>Changing</Trans>;
  if (!preview) return <Trans>Change</Trans>;
  if (preview.effective === 'renewal') return preview.next ? <Trans>Change from {day(preview.next.at)}</Trans> : <Trans>Change at the renewal</Trans>;
  if (preview.due_now_minor > 0) return <Trans>Change and pay {money(preview.due_now_minor, preview.currency)}</Trans>;
  return <Trans>Change now</Trans>;
}

/** What is bought at Checkout, computed from the price list; Stripe adds the tax there. */
function Sum({ wish, plan, currency, isInvoiced, trialEnd }: { wish: Wish; plan: PlanChoice; currency: string; isInvoiced: boolean; trialEnd: string | null }) {
  const total = recurring(plan, wish, currency);
  const one = plan.prices[currency]?.[wish.interval];
  if (total === undefined || typeof one !== 'number') return null;
  const free = trialEnd !== null && Date.parse(trialEnd) - Date.now() > TRIAL_KEPT_MS;
  return (
    <section aria-live="polite" className="grid gap-1 rounded-3 bg-sunken p-4 ring-1 ring-line ring-inset">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="text-text-2">
          {seatsWord(wish.seats)} × {money(one, currency)}
        </span>
        <span className="font-semibold tabular-nums">
          {wish.interval === 'year' ? <Trans>{money(total, currency)} a year</Trans> : <Trans>{money(total, currency)} a month</Trans>}
        </span>
      </p>
      <p className="text-text-2">
        <Trans>Without tax.</Trans>{' '}
        {free && trialEnd ? (
          <Trans>Nothing is due today: your trial runs on until {day(trialEnd)}.</Trans>
        ) : isInvoiced ? (
          <Trans>The first invoice is sent today.</Trans>
        ) : (
          <Trans>The first amount is due today.</Trans>
        )}
      </p>
    </section>
  );
}

function planDetail(plan: PlanChoice, interval: Interval, currency: string): string {
  const one = plan.prices[currency]?.[interval];
  const price = typeof one !== 'number' ? '' : interval === 'year' ? t`${money(one, currency)} a seat and year` : t`${money(one, currency)} a seat and month`;
  const storage = plan.features['storage_bytes'];
  const watched = plan.features['delivered_bytes'];
  const brings = [
    storage === undefined ? '' : t`${featureAmount('storage_bytes', storage)} of storage`,
    watched === undefined ? '' : t`${featureAmount('delivered_bytes', watched)} of video watched a month`,
  ];
  return [price, t`from ${seatsWord(plan.seats_min)}`, ...brings].filter(Boolean).join(' · ');
}

function faultWords(fault: SeatsFault, plan: PlanChoice | undefined, used: number): { error?: string } {
  if (fault === 'number') return { error: t`Give a whole number of seats.` };
  if (fault === 'used') return { error: t`${seatsWord(used)} are in use. Suspend or erase members first to go lower.` };
  if (fault === 'min' && plan) return { error: t`${plan.name} begins with ${seatsWord(plan.seats_min)}.` };
  return {};
}

/** The value once it has not changed for a moment. */
function useSettled(wish: Wish): Wish {
  const [settled, setSettled] = useState(wish);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(wish), TYPING_MS);
    return () => clearTimeout(timer);
  }, [wish]);
  return settled;
}

/** The same act keeps its key, so that a second press is the first one again. */
function useKeyOf() {
  const act = useRef({ what: '', key: '' });
  return (what: string) => {
    if (act.current.what !== what) act.current = { what, key: crypto.randomUUID() };
    return act.current.key;
  };
}

function useCheckout(wish: Wish, currency: string) {
  const keyOf = useKeyOf();
  return useMutation({
    mutationFn: () => openCheckout({ ...wish, currency }, keyOf(JSON.stringify([wish, currency]))),
    onSuccess: ({ url }) => leaveFor(url),
  });
}

function useChange({ wish, asks, onDone }: { wish: Wish; asks: boolean; onDone: () => void }) {
  const client = useQueryClient();
  const keyOf = useKeyOf();
  const [stale, setStale] = useState(false);
  const preview = useQuery({ ...previewQuery(wish), enabled: asks });
  const shown = asks && !preview.isFetching ? preview.data : undefined;
  const change = useMutation({
    mutationFn: (token: string) => changePlan(wish, token, keyOf(token)),
    onSuccess: (done) => {
      client.setQueryData(billingQuery.queryKey, done);
      void client.invalidateQueries({ queryKey: billingKeys.invoices });
      toast(t`Changed`);
      onDone();
    },
    onError: (error) => {
      if (!isStale(error)) return;
      setStale(true);
      void preview.refetch();
    },
  });
  // Another wish is another question: what was said of the former one no longer belongs to it.
  const { reset } = change;
  useEffect(() => {
    setStale(false);
    reset();
  }, [wish, reset]);
  return {
    preview: shown,
    refused: asks && !preview.isFetching ? preview.error : null,
    error: change.error && !isStale(change.error) ? change.error : null,
    stale,
    busy: change.isPending,
    ready: shown !== undefined,
    askAgain: () => void preview.refetch(),
    agree: () => {
      if (shown) change.mutate(shown.token);
    },
  };
}

const needsConfirmation = (error: unknown) => error instanceof ApiError && error.code === 'payment_needs_confirmation';

const isStale = (error: unknown) => error instanceof ApiError && error.code === 'preview_stale';
