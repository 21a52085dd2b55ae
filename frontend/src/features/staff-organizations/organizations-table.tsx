import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import type { OrganizationRow } from '@/api/staff';
import { count, span } from '@/features/staff-kit/age';
import { Health } from '@/features/staff-kit/health';
import { spaced, stateTone, stateWord } from '@/features/staff-kit/words';
import { bytes } from '@/lib/size';
import { day, daysAgo } from '@/lib/time';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { columnWord } from './column-words';
import type { ColumnName } from './columns';

interface Column {
  numeric?: boolean;
  /** The server's word for this order, and which way reads best first. */
  order?: { by: string; first: 'asc' | 'desc' };
  cell: (row: OrganizationRow, newest: number | null) => ReactNode;
}

const CELLS: Record<ColumnName, Column> = {
  host: { cell: (row) => <span className="mono text-text-2">{row.host}</span> },
  state: { cell: (row) => <Status tone={stateTone(row.state)}>{stateWord(row.state)}</Status> },
  plan: { cell: (row) => spaced(row.plan) },
  health: { order: { by: 'health', first: 'asc' }, cell: (row) => <Health score={row.health.score} words={row.health.words} /> },
  release: { cell: (row, newest) => <Release release={row.release} newest={newest} /> },
  members: { numeric: true, order: { by: 'members', first: 'desc' }, cell: (row) => count(row.members) },
  storage: { numeric: true, order: { by: 'storage', first: 'desc' }, cell: (row) => <Stored row={row} /> },
  queue: {
    numeric: true,
    cell: (row) => <span className={row.queue_lag_seconds > 60 ? 'font-semibold text-warning-text' : ''}>{row.queue_lag_seconds > 0 ? span(row.queue_lag_seconds) : '–'}</span>,
  },
  seen: { numeric: true, order: { by: 'last_seen', first: 'desc' }, cell: (row) => (row.last_seen_on ? daysAgo(row.last_seen_on) : t`Not yet`) },
  created: { numeric: true, order: { by: 'created', first: 'desc' }, cell: (row) => day(row.created_at) },
};

/** A schema that is behind says by how many releases. */
export function Release({ release, newest }: { release: number | null; newest: number | null }) {
  if (release === null) return <span className="text-text-3">–</span>;
  const behind = (newest ?? release) - release;
  return (
    <span className={cx('mono', behind > 0 ? 'text-text' : 'text-text-2')}>
      {String(release).padStart(4, '0')}
      {behind > 0 ? (
        <span className="ms-1.5 font-semibold text-warning-text">
          <span aria-hidden="true">−{behind}</span>
          <span className="sr-only">{t`${behind} behind`}</span>
        </span>
      ) : null}
    </span>
  );
}

/** What is stored, as a bar where there is a limit. */
function Stored({ row }: { row: OrganizationRow }) {
  if (!row.limit_bytes) return bytes(row.storage_bytes);
  const share = Math.min(1, row.storage_bytes / row.limit_bytes);
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden="true" className="block h-[5px] w-[72px] overflow-hidden rounded-[2px] bg-track">
        <span style={{ width: `${share * 100}%` }} className={cx('block h-full', share >= 0.9 ? 'bg-warning-mark' : 'bg-progress')} />
      </span>
      <span className="min-w-[108px] text-end">
        {bytes(row.storage_bytes)}
        <span className="text-text-3"> / {bytes(row.limit_bytes)}</span>
      </span>
    </span>
  );
}

interface OrganizationsTableProps {
  rows: readonly OrganizationRow[];
  /** The fleet's newest schema release. */
  newest: number | null;
  columns: readonly ColumnName[];
  order: string | undefined;
  /** The rows are those of the question before. */
  stale: boolean;
  onOrder: (column: string, first: 'asc' | 'desc') => void;
}

/** Dense rows by hairlines; on phones the state moves under the name and the rest scrolls. */
export function OrganizationsTable({ rows, newest, columns, order, stale, onOrder }: OrganizationsTableProps) {
  return (
    <Table label={t`Organizations`} className={cx('whitespace-nowrap transition-opacity duration-[90ms]', stale && 'opacity-60')}>
      <thead>
        <tr>
          <Head by="name" first="asc" order={order} onOrder={onOrder}>
            <Trans>Organization</Trans>
          </Head>
          {columns.map((column) => {
            const { numeric = false, order: by } = CELLS[column];
            const label = columnWord(column);
            return by ? (
              <Head key={column} by={by.by} first={by.first} numeric={numeric} order={order} onOrder={onOrder}>
                {label}
              </Head>
            ) : (
              <Th key={column} numeric={numeric}>
                {label}
              </Th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td className="max-w-[220px] pe-6! sm:max-w-[280px]">
              <Link
                to="/organizations/$organization"
                params={{ organization: row.id }}
                data-row={row.id}
                className="block truncate rounded-1 py-1 font-medium hover:underline focus-visible:outline-offset-1 pointer-coarse:py-3"
              >
                <bdi>{row.name}</bdi>
              </Link>
              {columns.includes('state') ? (
                <Status tone={stateTone(row.state)} className="-mt-1 pb-1 text-text-2 sm:hidden">
                  {stateWord(row.state)}
                </Status>
              ) : null}
            </Td>
            {columns.map((column) => {
              const { numeric = false, cell } = CELLS[column];
              return (
                <Td key={column} numeric={numeric} className={cx('ps-0 pe-6! last:pe-0!', numeric && 'text-text-2')}>
                  {cell(row, newest)}
                </Td>
              );
            })}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

interface HeadProps {
  by: string;
  first: 'asc' | 'desc';
  numeric?: boolean;
  order: string | undefined;
  onOrder: (column: string, first: 'asc' | 'desc') => void;
  children: ReactNode;
}

function Head({ by, first, numeric = false, order, onOrder, children }: HeadProps) {
  const up = order === by;
  const down = order === `-${by}`;
  return (
    <Th numeric={numeric} aria-sort={up ? 'ascending' : down ? 'descending' : undefined} className="pe-6! last:pe-0!">
      <button
        type="button"
        onClick={() => onOrder(by, first)}
        className={cx('inline-flex items-center gap-1 rounded-1 hover:text-text pointer-coarse:min-h-11', (up || down) && 'text-text')}
      >
        {children}
        {up ? <Icon as={ArrowUp} size={12} /> : down ? <Icon as={ArrowDown} size={12} /> : null}
      </button>
    </Th>
  );
}
