import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useRef } from 'react';
import type { Movement } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { moment } from '@/features/staff-kit/age';
import { useRowKeys } from '@/features/staff-kit/keys';
import { LoadMore } from '@/features/staff-kit/load-more';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { money } from '@/lib/money';
import { buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Select } from '@/ui/select';
import { Table, Td, Th, Tr } from '@/ui/table';
import { financeQuery, type MovementFilter, movementsCsv, movementsQuery } from './api';
import { KINDS, kindWord, monthWord } from './model';

/** The facts behind the figures: what each change of a subscription moved. */
export function MovementsPage() {
  usePageTitle(t`Movements`);
  const search = useSearch({ strict: false }) as MovementFilter;
  const navigate = useNavigate();
  const books = useQuery(financeQuery);
  const found = useInfiniteQuery(movementsQuery(search));
  const change = (next: MovementFilter) => void navigate({ to: '/finance/movements', search: { ...search, ...next }, replace: true });
  const currencies = books.data?.currencies ?? [];
  const months = (currencies[0]?.months ?? []).map((month) => month.month).toReversed();
  if (search.month && !months.includes(search.month)) months.push(search.month);
  return (
    <StaffPage
      title={<Trans>Movements</Trans>}
      filters={
        <>
          <Select
            aria-label={t`Month`}
            className="w-[140px]!"
            value={search.month ?? ''}
            onChange={(month) => change({ month: month || undefined })}
            options={[{ value: '', label: t`Any month` }, ...months.map((month) => ({ value: month, label: monthWord(month) }))]}
          />
          <Select
            aria-label={t`Currency`}
            className="w-[130px]!"
            value={search.currency ?? ''}
            onChange={(currency) => change({ currency: currency || undefined })}
            options={[{ value: '', label: t`Any currency` }, ...currencies.map(({ currency }) => ({ value: currency, label: currency.toUpperCase() }))]}
          />
          <Select
            aria-label={t`Kind`}
            className="w-[140px]!"
            value={search.kind ?? ''}
            onChange={(kind) => change({ kind: kind || undefined })}
            options={[{ value: '', label: t`Any kind` }, ...KINDS.map((kind) => ({ value: kind as string, label: kindWord(kind) }))]}
          />
        </>
      }
      actions={
        <a download className={buttonClass('secondary', 'md', 'pointer-coarse:h-11')} href={movementsCsv(search)}>
          <Icon as={Download} size={14} />
          CSV
        </a>
      }
    >
      {found.isPending ? (
        <RowsSkeleton rows={10} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <>
          <Rows rows={found.data.pages.flatMap((page) => page.items)} />
          <LoadMore list={found} />
        </>
      )}
    </StaffPage>
  );
}

function Rows({ rows }: { rows: readonly Movement[] }) {
  const region = useRef<HTMLDivElement>(null);
  useRowKeys(region);
  if (rows.length === 0) {
    return (
      <p className="border-t border-line pt-2 text-text-3">
        <Trans>Nothing moved.</Trans>
      </p>
    );
  }
  return (
    <div ref={region}>
      <Table label={t`Movements`}>
        <thead>
          <tr>
            <Th className="max-sm:hidden">
              <Trans>When</Trans>
            </Th>
            <Th>
              <Trans>Organization</Trans>
            </Th>
            <Th>
              <Trans>Kind</Trans>
            </Th>
            <Th className="max-md:hidden">
              <Trans>For</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Before</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>After</Trans>
            </Th>
            <Th numeric className="pe-0!">
              <Trans>Moved</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const moved = row.after_minor - row.before_minor;
            return (
              <Tr key={row.id}>
                <Td className="whitespace-nowrap text-text-2 max-sm:hidden">{moment(row.at)}</Td>
                <Td className="max-w-[260px] truncate font-medium max-sm:max-w-[150px]">
                  <OrganizationLink id={row.organization_id} name={row.organization_name} />
                  <span className="block t-xxs font-normal text-text-3 sm:hidden">{moment(row.at)}</span>
                </Td>
                <Td className="whitespace-nowrap">{kindWord(row.kind)}</Td>
                <Td className="text-text-2 max-md:hidden">
                  {t`${spaced(row.plan)} v${row.version}`}
                  <span className="block t-xxs text-text-3">
                    {plural(row.seats, { one: '# seat', other: '# seats' })}
                    {row.interval === 'year' ? t`, by the year` : t`, by the month`}
                  </span>
                </Td>
                <Td numeric className="max-sm:hidden">
                  {money(row.before_minor, row.currency)}
                </Td>
                <Td numeric className="max-sm:hidden">
                  {money(row.after_minor, row.currency)}
                </Td>
                <Td numeric className={`pe-0! font-medium whitespace-nowrap ${moved < 0 ? 'text-danger-text' : ''}`}>
                  {moved > 0 ? '+' : ''}
                  {money(moved, row.currency)}
                </Td>
              </Tr>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}
