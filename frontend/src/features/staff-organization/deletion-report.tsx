import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '@/api/errors';
import { Failure } from '@/app/boundaries';
import { count } from '@/features/staff-kit/age';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { deletionReportQuery } from './api';

/** A value of the report as text; what nests becomes lines of its own. */
export function reportLines(report: Readonly<Record<string, unknown>>, prefix = ''): { name: string; value: string }[] {
  return Object.entries(report).flatMap(([key, value]) => {
    const name = prefix ? `${prefix}, ${spaced(key).toLowerCase()}` : spaced(key);
    if (value === null || value === undefined || value === '') return [];
    if (typeof value === 'number') return [{ name, value: count(value) }];
    if (typeof value === 'boolean') return [{ name, value: value ? t`Yes` : t`No` }];
    if (Array.isArray(value)) {
      if (value.every((one) => typeof one !== 'object')) return value.length === 0 ? [] : [{ name, value: value.map(String).join(', ') }];
      return value.flatMap((one, index) => reportLines(one as Record<string, unknown>, `${name} ${index + 1}`));
    }
    if (typeof value === 'object') return reportLines(value as Record<string, unknown>, name);
    return [{ name, value: String(value as string) }];
  });
}

/** What was deleted where, and what a search found afterwards. */
export function DeletionReport({ organization }: { organization: string }) {
  const report = useQuery(deletionReportQuery(organization));
  if (report.isPending) return <RowsSkeleton rows={4} />;
  if (report.isError) {
    if (report.error instanceof ApiError && report.error.status === 404) {
      return (
        <p className="text-text-3">
          <Trans>The deletion has not begun; its report comes with it.</Trans>
        </p>
      );
    }
    return <Failure compact error={report.error} onRetry={() => void report.refetch()} />;
  }
  return (
    <section aria-label={t`Deletion report`}>
      <h2 className="mb-2 font-sans text-[13px] leading-[18px] font-semibold">
        <Trans>Deletion report</Trans>
      </h2>
      <dl>
        {reportLines(report.data).map((line) => (
          <div key={line.name} className="flex flex-wrap justify-between gap-x-4 border-t border-line py-1.5">
            <dt className="text-text-2">{line.name}</dt>
            <dd className="mono wrap-anywhere">{line.value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
