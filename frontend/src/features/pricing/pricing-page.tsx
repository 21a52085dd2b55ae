import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Segmented } from '@/ui/segmented';
import { Skeleton } from '@/ui/skeleton';
import { Slider } from '@/ui/slider';
import { plansQuery } from './api';
import { CURRENCIES, type Currency, type Interval, LAST_STEP, likelyCurrency, monthsFree, MOST_SEATS, readSeats, seatsAt, stepOf } from './model';
import { PriceTable } from './price-table';
import { Questions } from './questions';
import { seatsWord } from './words';

export interface PricingSearch {
  interval?: Interval | undefined;
  currency?: string | undefined;
  seats?: string | undefined;
}

const FIRST_SEATS = 25;

/** What it costs: every plan that is sold, for as many seats as one has people. What is set stands in the address. */
export function PricingPage() {
  usePageTitle(t`Pricing`);
  const search = useSearch({ strict: false }) as PricingSearch;
  const navigate = useNavigate();
  const plans = useQuery(plansQuery);
  const change = (next: PricingSearch) => void navigate({ to: '/pricing', search: { ...search, ...next }, replace: true, resetScroll: false });
  const interval: Interval = search.interval === 'year' ? 'year' : 'month';
  const currency: Currency = CURRENCIES.find((known) => known === search.currency) ?? likelyCurrency(navigator.languages);
  const seats = readSeats(search.seats) ?? FIRST_SEATS;
  const free = plans.data?.items[0] ? monthsFree(plans.data.items[0], currency) : 0;
  return (
    <div className="mx-auto grid max-w-[1344px] gap-10 px-4 pt-8 pb-14 sm:px-12 sm:pt-16 sm:pb-24">
      <header className="grid max-w-[760px] gap-3">
        <h1 tabIndex={-1} className="t-h1 text-balance">
          <Trans>Pay for people who may sign in, and see the bill before you do</Trans>
        </h1>
        <p className="t-lead">
          <Trans>
            A seat is one person who may sign in, whether they teach or learn. Suspend somebody and the seat is free at once. Try
            everything first; no card needed.
          </Trans>
        </p>
      </header>

      <div className="grid gap-x-10 gap-y-5 border-y border-line py-5 md:grid-cols-[minmax(0,1fr)_auto] md:items-end">
        <Seats seats={seats} onChange={(next) => change({ seats: String(next) })} />
        <div className="flex flex-wrap items-center gap-3">
          <Segmented
            label={t`How often you pay`}
            value={interval}
            onChange={(next) => change({ interval: next })}
            options={[
              { value: 'month', label: <Trans>Monthly</Trans> },
              {
                value: 'year',
                label: (
                  <>
                    <Trans>Yearly</Trans>
                    {free > 0 ? (
                      <span className="font-normal text-text-3">
                        <Trans>{free} months free</Trans>
                      </span>
                    ) : null}
                  </>
                ),
              },
            ]}
          />
          <Segmented
            label={t`Currency`}
            value={currency}
            onChange={(next) => change({ currency: next })}
            options={CURRENCIES.map((known) => ({ value: known, label: known.toUpperCase() }))}
          />
        </div>
      </div>

      {plans.data ? (
        <PriceTable plans={plans.data.items} interval={interval} currency={currency} seats={seats} />
      ) : plans.isError ? (
        <Failure compact error={plans.error} onRetry={() => void plans.refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid gap-8 md:grid-cols-3">
          {[0, 1, 2].map((plan) => (
            <div key={plan} className="grid content-start gap-3">
              <Skeleton className="h-5 w-24" />
              <Skeleton className="h-10 w-40" />
              <Skeleton className="h-10 w-full" />
              <Skeleton className="mt-4 h-64 w-full" />
            </div>
          ))}
        </div>
      )}

      <p className="max-w-[68ch] t-sm text-text-2">
        <Trans>
          Prices are without tax; what applies where you are is added before you pay, and shown. Every plan has a schema and signing
          keys of its own, a second step at sign-in, the audit log and a full export, the trial included.
        </Trans>
      </p>
      <Questions />
    </div>
  );
}

/** How many people: by hand on a slider that knows small organizations, or typed for any number. */
function Seats({ seats, onChange }: { seats: number; onChange: (seats: number) => void }) {
  // What is typed may be no number for a moment; the page keeps the last one that was.
  const [typed, setTyped] = useState<string | null>(null);
  const wrong = typed !== null && readSeats(typed) === undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_112px] items-start gap-x-6">
      <Slider
        label={t`People who may sign in`}
        value={stepOf(seats)}
        max={LAST_STEP}
        onChange={(step) => {
          setTyped(null);
          onChange(seatsAt(step));
        }}
        format={() => seatsWord(seats)}
        className="pt-1"
      />
      <Field
        label={<span className="sr-only">{t`Number of people`}</span>}
        className="gap-1! [&>div:first-child]:hidden"
        {...(wrong ? { error: t`1 to ${MOST_SEATS}` } : {})}
      >
        <Input
          name="seats"
          aria-label={t`Number of people`}
          inputMode="numeric"
          autoComplete="off"
          value={typed ?? String(seats)}
          onChange={(event) => {
            setTyped(event.target.value);
            const next = readSeats(event.target.value);
            if (next !== undefined) onChange(next);
          }}
          onBlur={() => setTyped(null)}
          className="h-11!"
        />
      </Field>
    </div>
  );
}
