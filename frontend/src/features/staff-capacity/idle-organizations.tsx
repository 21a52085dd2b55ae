import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useRef } from 'react';
import type { IdleOrganization } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { count, moment } from '@/features/staff-kit/age';
import { Chip } from '@/features/staff-kit/chip';
import { useRowKeys } from '@/features/staff-kit/keys';
import { LoadMore } from '@/features/staff-kit/load-more';
import { SECTION_TITLE } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { stateTone, stateWord } from '@/features/staff-kit/words';
import { bytes } from '@/lib/size';
import { day } from '@/lib/time';
import { buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Select } from '@/ui/select';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { idleCsv, type IdleFilter, idleQuery } from './api';
import { DAYS, daysOf, ORDERS, orderWord } from './model';

/** States in which an organization has a schema that takes place. */
const STATES = ['active', 'read_only', 'suspended', 'pending_deletion'] as const;

/** Organizations in which nobody was seen for long, as a list and as a file. */
export function IdleOrganizations() {
  const search = useSearch({ strict: false }) as IdleFilter;
  const navigate = useNavigate();
  const filter: IdleFilter = { ...search, days: daysOf(search.days) };
  const found = useInfiniteQuery(idleQuery(filter));
  const change = (next: IdleFilter) => void navigate({ to: '/fleet/capacity', search: { ...search, ...next }, replace: true, resetScroll: false });
  const first = found.data?.pages[0];
  return (
    <section>
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className={SECTION_TITLE}>
          <Trans>Idle organizations</Trans>
        </h2>
        <div role="group" aria-label={t`Idle for`} className="flex flex-wrap gap-1.5">
          {DAYS.map((days) => (
            <Chip key={days} on={filter.days === days} onPress={() => change({ days: days === '90' ? undefined : days })}>
              {t`${days} days`}
            </Chip>
          ))}
        </div>
        <Select
          aria-label={t`State`}
          className="w-[150px]!"
          value={search.state ?? ''}
          onChange={(state) => change({ state: state || undefined })}
          options={[{ value: '', label: t`Any state` }, ...STATES.map((state) => ({ value: state as string, label: stateWord(state) }))]}
        />
        <Select
          aria-label={t`Order`}
          className="w-[150px]!"
          value={ORDERS.find((order) => order === search.order) ?? 'active'}
          onChange={(order) => change({ order: order === 'active' ? undefined : order })}
          options={ORDERS.map((order) => ({ value: order, label: orderWord(order) }))}
        />
        <a download className={buttonClass('secondary', 'md', 'ms-auto pointer-coarse:h-11')} href={idleCsv(filter)}>
          <Icon as={Download} size={14} />
          CSV
        </a>
      </div>
      {first && first.total > 0 ? (
        <p className="pb-2 text-text-2">
          {plural(first.total, { one: `# organization that nobody used for ${filter.days} days or more`, other: `# organizations that nobody used for ${filter.days} days or more` })}
          {t`: ${bytes(first.storage_bytes)} stored, ${bytes(first.schema_bytes)} of schemas.`}
        </p>
      ) : null}
      {found.isPending ? (
        <RowsSkeleton rows={5} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <>
          <Rows rows={found.data.pages.flatMap((page) => page.items)} days={filter.days ?? ''} stale={found.isPlaceholderData} />
          <LoadMore list={found} />
        </>
      )}
    </section>
  );
}

function Rows({ rows, days, stale }: { rows: readonly IdleOrganization[]; days: string; stale: boolean }) {
  const region = useRef<HTMLDivElement>(null);
  useRowKeys(region);
  if (rows.length === 0) {
    return (
      <p className="border-t border-line pt-2 text-text-3">
        {plural(Number(days), { one: 'Somebody was seen in every organization within a day.', other: 'Somebody was seen in every organization within # days.' })}
      </p>
    );
  }
  return (
    <div ref={region} className={stale ? 'opacity-60' : undefined}>
      <Table label={t`Idle organizations`}>
        <thead>
          <tr>
            <Th>
              <Trans>Organization</Trans>
            </Th>
            <Th className="max-sm:hidden">
              <Trans>State</Trans>
            </Th>
            <Th numeric>
              <Trans>Idle</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Members</Trans>
            </Th>
            <Th numeric>
              <Trans>Stored</Trans>
            </Th>
            <Th numeric className="pe-0! max-sm:hidden">
              <Trans>Schema</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.id}>
              <Td className="max-w-[280px] py-1.5">
                <Link
                  to="/organizations/$organization"
                  params={{ organization: row.id }}
                  data-row={row.id}
                  className="block truncate rounded-1 font-medium hover:underline pointer-coarse:py-2"
                >
                  <bdi>{row.name}</bdi>
                </Link>
                <span className="block truncate mono text-text-3">{row.host}</span>
              </Td>
              <Td className="max-sm:hidden">
                <Status tone={stateTone(row.state)}>{stateWord(row.state)}</Status>
              </Td>
              <Td numeric className="whitespace-nowrap">
                <span title={row.last_seen_on ? t`Last seen on ${day(row.last_seen_on)}` : t`Nobody was ever seen; made ${moment(row.created_at)}`}>
                  {plural(row.idle_days, { one: '# day', other: '# days' })}
                </span>
                {row.last_seen_on === null ? <span className="block text-text-3">{t`never used`}</span> : null}
              </Td>
              <Td numeric className="text-text-2 max-sm:hidden">
                {count(row.members)}
              </Td>
              <Td numeric className="whitespace-nowrap text-text-2">
                {bytes(row.storage_bytes)}
              </Td>
              <Td numeric className="pe-0! whitespace-nowrap text-text-2 max-sm:hidden">
                {row.schema_bytes === null ? (
                  <span className="text-text-3">{t`not measured`}</span>
                ) : (
                  <span title={row.schema_counted_at ? t`Measured ${moment(row.schema_counted_at)}` : undefined}>
                    {bytes(row.schema_bytes)}
                    {row.schema_tables_used !== null && row.schema_tables !== null ? (
                      <span className="block text-text-3">{t`${row.schema_tables_used} of ${row.schema_tables} tables used`}</span>
                    ) : null}
                  </span>
                )}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
