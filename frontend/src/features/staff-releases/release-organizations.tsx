import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import type { Release, ReleaseOrganization } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { ago, moment } from '@/features/staff-kit/age';
import { Chip } from '@/features/staff-kit/chip';
import { LoadMore } from '@/features/staff-kit/load-more';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Status } from '@/ui/status';
import { releaseOrganizationsQuery } from './api';
import { isMoving, ringWord, ROW_STATES, ROW_TONES, type RowState, rowWord, type Tally } from './model';

interface ReleaseOrganizationsProps {
  release: Release;
  tally: Tally;
  state: RowState | undefined;
  onState: (state: RowState) => void;
  onRetry: (row: ReleaseOrganization) => void;
}

/** The organizations of a release by state, those that failed first, each with its error in words. */
export function ReleaseOrganizations({ release, tally, state, onState, onRetry }: ReleaseOrganizationsProps) {
  const present = ROW_STATES.filter((one) => tally[one] > 0 || one === state);
  if (present.length === 0) return null;
  // A release that is done and whole needs no list of everybody, unless somebody asks for it.
  const shown = state ?? (tally.failed > 0 ? 'failed' : undefined);
  return (
    <div className="grid gap-1">
      <div role="group" aria-label={t`Organizations by state`} className="flex flex-wrap gap-1.5 pb-2">
        {present.map((one) => (
          <Chip key={one} on={shown === one} onPress={() => onState(one)} count={tally[one]}>
            {rowWord(one)}
          </Chip>
        ))}
      </div>
      {shown ? <Rows release={release} state={shown} counted={tally[shown]} onRetry={onRetry} /> : null}
    </div>
  );
}

interface RowsProps {
  release: Release;
  state: RowState;
  counted: number;
  onRetry: (row: ReleaseOrganization) => void;
}

function Rows({ release, state, counted, onRetry }: RowsProps) {
  const found = useInfiniteQuery(releaseOrganizationsQuery(release.number, state, isMoving(release), counted));
  if (found.isPending) return <RowsSkeleton rows={3} />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  const rows = found.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <p className="border-t border-line py-2 text-text-3">
        <Trans>None is any more.</Trans>
      </p>
    );
  }
  return (
    <div>
      <ul aria-label={t`Organizations`}>
        {rows.map((row) => (
          <Row key={row.organization_id} row={row} onRetry={() => onRetry(row)} />
        ))}
      </ul>
      <LoadMore list={found} />
    </div>
  );
}

function Row({ row, onRetry }: { row: ReleaseOrganization; onRetry: () => void }) {
  const may = useCan('operations.act');
  const at = row.finished_at ?? row.started_at;
  return (
    <li className="grid gap-1.5 border-t border-line py-2 last:border-b">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="min-w-0 font-medium wrap-anywhere">
          <OrganizationLink id={row.organization_id} name={row.name} />
        </span>
        <Status tone={ROW_TONES[row.state]}>{rowWord(row.state)}</Status>
        <span className="text-text-3">{ringWord(row.ring)}</span>
        {row.attempt > 1 || row.state === 'failed' ? <span className="text-text-3">{t`try ${row.attempt}`}</span> : null}
        {row.state === 'pending' && row.run_at && row.attempt > 0 ? <span className="text-text-3">{t`next try ${moment(row.run_at)}`}</span> : null}
        {at ? (
          <time dateTime={at} title={moment(at)} className="text-text-3">
            {ago(at)}
          </time>
        ) : null}
        {row.state === 'failed' && may ? (
          <Button size="sm" className="ms-auto pointer-coarse:h-11!" icon={<Icon as={RotateCw} size={14} />} onClick={onRetry}>
            <Trans>Try again…</Trans>
          </Button>
        ) : null}
      </div>
      {row.error ? <p className="max-w-[100ch] mono text-text-2 wrap-anywhere whitespace-pre-line">{row.error}</p> : null}
    </li>
  );
}
