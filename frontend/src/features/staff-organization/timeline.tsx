import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { TimelineLine } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { moment, timelineTime } from '@/features/staff-kit/age';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { cx } from '@/ui/cx';
import { timelineQuery } from './api';

const MARKS: Record<TimelineLine['tone'], string> = {
  fine: 'rounded-full bg-success-mark',
  running: 'rounded-full bg-canvas ring-2 ring-inset ring-signal-solid',
  look: 'scale-95 rotate-45 rounded-[2px] bg-warning-mark',
  failed: 'rounded-[1px] bg-danger-mark',
  off: 'rounded-full bg-control',
};

/** What happened to this organization, newest first: its states, its jobs, who of the staff did what. */
export function Timeline({ organization }: { organization: string }) {
  const lines = useQuery(timelineQuery(organization));
  if (lines.isPending) return <RowsSkeleton rows={8} />;
  if (lines.isError) return <Failure compact error={lines.error} onRetry={() => void lines.refetch()} />;
  const all = lines.data.items;
  if (all.length === 0) {
    return (
      <p className="py-4 text-text-3">
        <Trans>Nothing has happened yet.</Trans>
      </p>
    );
  }
  return (
      <ol aria-label={t`Timeline`} className="pt-2">
        {all.map((line, index) => (
          <li key={line.id} className="relative grid grid-cols-[62px_9px_minmax(0,1fr)] gap-3 py-[9px]">
            <time dateTime={line.at} title={moment(line.at)} className="whitespace-nowrap text-text-2">
              {timelineTime(line.at)}
            </time>
            <span aria-hidden="true" className={cx('absolute start-[78px] w-px bg-line-2', index === 0 ? 'top-3' : 'top-0', index === all.length - 1 ? 'h-3' : 'bottom-0')} />
            <span aria-hidden="true" className={cx('relative mt-[5px] size-[9px] shadow-[0_0_0_3px_var(--canvas)]', MARKS[line.tone])} />
            <div className="min-w-0">
              <p className="font-medium wrap-anywhere">
                {line.tone === 'failed' ? <span className="sr-only">{t`Failed:`} </span> : null}
                {line.title}
              </p>
              {line.detail ? <p className="wrap-anywhere text-text-2">{line.detail}</p> : null}
            </div>
          </li>
        ))}
      </ol>
  );
}
