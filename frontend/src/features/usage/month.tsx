import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BillingUsage } from '@/api/types';
import { Failure } from '@/app/boundaries';
import { day } from '@/lib/time';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Select } from '@/ui/select';
import { Skeleton } from '@/ui/skeleton';
import { monthQuery } from './api';
import { DeliveredByCourse, DeliveredByMonth } from './month-charts';
import { capWords, chargedWords, flowMeaning, flowName, FLOWS, forecastWords, monthAmount, type MonthMeter, tightness, toldWords } from './month-words';
import { OverageChoice } from './overage-choice';
import { monthName } from './words';

/** What began anew with the month: how much of it is used, what it comes to, what for, and what happens beyond it. */
export function MonthSection() {
  const [month, setMonth] = useState('');
  const found = useQuery(monthQuery(month));
  return (
    <section aria-labelledby="month" className="grid gap-8">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <h2 id="month" className="t-h4">
          {month ? monthName(month) : <Trans>This month</Trans>}
        </h2>
        {found.data ? <MonthChoice usage={found.data} month={month} onChange={setMonth} /> : null}
      </div>
      {found.data ? (
        <MonthFigures usage={found.data} isCurrent={month === ''} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <MonthSkeleton />
      )}
    </section>
  );
}

function MonthChoice({ usage, month, onChange }: { usage: BillingUsage; month: string; onChange: (month: string) => void }) {
  const names = usage.months.map((one) => one.month).toReversed();
  const [current = ''] = names;
  return (
    <Select
      size="sm"
      aria-label={t`Month`}
      className="w-auto! min-w-36"
      value={month || current}
      onChange={(next) => onChange(next === current ? '' : next)}
      options={names.map((name) => ({ value: name, label: monthName(name) }))}
    />
  );
}

function MonthFigures({ usage, isCurrent }: { usage: BillingUsage; isCurrent: boolean }) {
  const flows = FLOWS.flatMap((key) => usage.meters.find((meter) => meter.meter === key) ?? []);
  return (
    <>
      {usage.is_measured ? null : (
        <Notice tone="info" title={<Trans>Delivered data is not measured here.</Trans>}>
          <Trans>Whoever runs this installation has not said where its delivery logs are. Nothing is limited or charged by it.</Trans>
        </Notice>
      )}
      <div className="grid gap-10 md:grid-cols-2">
        {flows.map((meter) => (
          <Flow key={meter.meter} meter={meter} isCurrent={isCurrent} endsAt={usage.period.end} />
        ))}
      </div>
      <DeliveredByCourse usage={usage} />
      <DeliveredByMonth usage={usage} />
    </>
  );
}

function Flow({ meter, isCurrent, endsAt }: { meter: MonthMeter; isCurrent: boolean; endsAt: string }) {
  const used = monthAmount(meter.meter, meter.used);
  const included = meter.included === null ? '' : monthAmount(meter.meter, meter.included);
  const state = isCurrent ? tightness(meter) : 'easy';
  const held = meter.reserved > 0 ? monthAmount(meter.meter, meter.reserved) : '';
  const sentences = [chargedWords(meter), isCurrent ? forecastWords(meter) : '', held ? t`${held} more are held for videos under way.` : '', toldWords(meter)].filter(Boolean);
  return (
    <section aria-labelledby={meter.meter} className="grid min-w-0 content-start gap-4">
      <div>
        <h3 id={meter.meter} className="font-sans text-[13px] leading-[18px] font-semibold">
          {flowName(meter.meter)}
        </h3>
        <p className="mt-1 text-[28px] leading-9 font-[560] tabular-nums">
          {used}
          {included ? (
            <span className="text-[15px] font-normal text-text-3">
              {' '}
              <Trans>of {included}</Trans>
            </span>
          ) : null}
        </p>
        {meter.included ? (
          <Progress
            value={(meter.used + meter.reserved) / meter.included}
            label={flowName(meter.meter)}
            valueText={t`${used} of ${included}`}
            height={8}
            className="mt-2"
          />
        ) : null}
        <p className="mt-2.5 t-sm text-text-3">{flowMeaning(meter.meter)}</p>
      </div>
      {state === 'easy' ? null : (
        <Notice tone={state === 'full' ? 'danger' : 'warning'} title={state === 'full' ? <Trans>All that is included is used.</Trans> : <Trans>Almost all that is included is used.</Trans>}>
          {capWords(meter.meter)} <Trans>It begins anew on {day(endsAt)}.</Trans>
        </Notice>
      )}
      {sentences.length > 0 ? (
        <ul className="grid gap-1 t-sm text-text-2">
          {sentences.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      ) : null}
      {isCurrent && meter.included !== null ? <OverageChoice meter={meter} /> : null}
    </section>
  );
}

function MonthSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid gap-10 md:grid-cols-2">
      {[0, 1].map((column) => (
        <div key={column} className="grid gap-3">
          <Skeleton className="h-5 w-24" />
          <Skeleton className="h-9 w-48" />
          <Skeleton className="h-2.5 w-full rounded-full" />
          <Skeleton className="h-20 w-full" />
        </div>
      ))}
    </div>
  );
}
