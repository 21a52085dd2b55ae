import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Meter, Usage } from '@/api/types';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { WayToMore } from '@/features/billing/way-up';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { cx } from '@/ui/cx';
import { Notice } from '@/ui/notice';
import { PageBody } from '@/ui/page';
import { Progress } from '@/ui/progress';
import { Skeleton } from '@/ui/skeleton';
import { usageQuery } from './api';
import { StorageByCourse, StorageByKind, ByMonth } from './charts';
import { MonthSection } from './month';
import { amount, fullness, meterName } from './words';

/** Settings, Usage: what the organization uses, of how much, by what, and month by month. */
export function UsagePage() {
  usePageTitle(t`Usage`);
  const may = useCan('usage.view');
  const found = useQuery({ ...usageQuery, enabled: may });
  return (
    <PageBody>
      {!may ? (
        <Forbidden compact />
      ) : found.data ? (
        <Figures usage={found.data} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <UsageSkeleton />
      )}
    </PageBody>
  );
}

function Figures({ usage }: { usage: Usage }) {
  const storage = usage.meters.find((meter) => meter.key === 'storage');
  // What is delivered has its month and its words further up.
  const rest = usage.meters.filter((meter) => meter.key !== 'storage' && meter.key !== 'delivered');
  return (
    <div className="grid max-w-[920px] gap-10">
      <MonthSection />
      {storage ? <Storage meter={storage} /> : null}
      <section aria-labelledby="figures">
        <h2 id="figures" className="sr-only">
          <Trans>Figures</Trans>
        </h2>
        <dl className="grid grid-cols-2 gap-x-6 gap-y-6 sm:grid-cols-3">
          {rest.map((meter) => (
            <div key={meter.key} className="min-w-0 border-t border-line-2 pt-2.5">
              <dt className="t-sm text-text-2">{meterName(meter.key)}</dt>
              <dd className={cx('mt-0.5 tabular-nums', meter.used === null ? 'leading-8 text-text-3' : 'text-[24px] leading-8 font-[560]')}>
                {meter.used === null ? <Trans>Not measured yet</Trans> : amount(meter.unit, meter.used)}
                {meter.limit === null ? null : <span className="t-sm font-normal text-text-3"> / {amount(meter.unit, meter.limit)}</span>}
              </dd>
              <dd className="mt-0.5 t-xs text-text-3">{meter.used === null ? meter.words.replace(/^[^.]*\.\s*/, '') : meter.words}</dd>
            </div>
          ))}
        </dl>
      </section>
      <div className="grid gap-10 md:grid-cols-2">
        <StorageByKind usage={usage} />
        <StorageByCourse usage={usage} />
      </div>
      <ByMonth months={usage.months} />
    </div>
  );
}

function Storage({ meter }: { meter: Meter }) {
  const full = fullness(meter);
  const used = bytes(meter.used ?? 0);
  const tight = full !== null && full >= 900;
  return (
    <section aria-labelledby="storage">
      <h2 id="storage" className="t-h4">
        <Trans>Storage</Trans>
      </h2>
      <p className="mt-1.5 text-[28px] leading-9 font-[560] tabular-nums">
        {used}
        {meter.limit === null ? null : (
          <span className="text-[15px] font-normal text-text-3">
            {' '}
            <Trans>of {bytes(meter.limit)}</Trans>
          </span>
        )}
      </p>
      {full === null ? null : (
        <Progress value={full / 1000} label={t`Storage`} valueText={t`${used} of ${bytes(meter.limit ?? 0)}`} height={8} className="mt-2.5" />
      )}
      {tight ? (
        <Notice
          tone={full >= 1000 ? 'danger' : 'warning'}
          className="mt-4"
          title={full >= 1000 ? <Trans>Storage is full.</Trans> : <Trans>Storage is almost full.</Trans>}
        >
          {meter.words} <WayToMore />
        </Notice>
      ) : (
        <p className="mt-2.5 t-sm text-text-2">{meter.words}</p>
      )}
      {meter.reserved > 0 ? (
        <p className="mt-1 t-sm text-text-3">
          <Trans>{bytes(meter.reserved)} more are held for uploads under way.</Trans>
        </p>
      ) : null}
    </section>
  );
}

function UsageSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid max-w-[920px] gap-4">
      <Skeleton className="h-6 w-28" />
      <Skeleton className="h-9 w-56" />
      <Skeleton className="h-2.5 w-full rounded-full" />
      <div className="mt-6 grid grid-cols-2 gap-6 sm:grid-cols-3">
        {[0, 1, 2, 3, 4, 5].map((row) => (
          <Skeleton key={row} className="h-20 w-full" />
        ))}
      </div>
    </div>
  );
}
