import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, Download } from 'lucide-react';
import { useRef } from 'react';
import { API } from '@/api/client';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count } from '@/features/staff-kit/age';
import { useRowKeys } from '@/features/staff-kit/keys';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button, buttonClass } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Kbd } from '@/ui/kbd';
import { organizationsQuery } from './api';
import { ColumnsMenu } from './columns-menu';
import { Filters } from './filters';
import { OrganizationsTable } from './organizations-table';
import { cursorOf, isFiltered, nextOrder, type OrganizationsSearch, serverQuery, shownColumns, withFilter } from './search';

const PAGE = 50;

/** Every organization, found by words and filters that stand in the address. */
export function OrganizationsPage() {
  usePageTitle(t`Organizations`);
  const search = useSearch({ strict: false }) as OrganizationsSearch;
  const navigate = useNavigate();
  const region = useRef<HTMLDivElement>(null);
  const mayAct = useCan('support.act');
  const go = (next: OrganizationsSearch, replace = false) => void navigate({ to: '/organizations', search: next, replace });
  const filter = (change: OrganizationsSearch, replace = false) => go(withFilter(search, change), replace);
  const found = useQuery(organizationsQuery(search));
  useRowKeys(
    region,
    mayAct ? { s: (row) => void navigate({ to: '/organizations/$organization', params: { organization: row }, search: { support: '1' } }) } : {},
  );
  return (
    <StaffPage
      title={<Trans>Organizations</Trans>}
      aside={found.data ? count(found.data.total) : null}
      filters={<Filters search={search} facets={found.data?.facets} onChange={filter} onView={go} />}
      actions={
        <>
          <ColumnsMenu columns={shownColumns(search.columns)} onChange={(columns) => go({ ...search, columns }, true)} />
          <a download className={buttonClass('secondary', 'md', 'pointer-coarse:h-11')} href={csvAddress(search)}>
            <Icon as={Download} size={14} />
            CSV
          </a>
        </>
      }
    >
      <div ref={region}>
        <Found search={search} found={found} onOrder={(column, first) => filter({ order: nextOrder(search.order, column, first) })} onClear={() => go({})} />
      </div>
      {found.data && found.data.items.length > 0 ? (
        <Pager
          search={search}
          shown={found.data.items.length}
          total={found.data.total}
          next={cursorOf(found.data.next)}
          mayAct={mayAct}
          onNext={(after) => go({ ...search, after, page: String(Number(search.page ?? '1') + 1) })}
          onFirst={() => go(withFilter(search, {}))}
        />
      ) : null}
    </StaffPage>
  );
}

/** The same rows as a file. */
export function csvAddress(search: OrganizationsSearch): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(serverQuery({ ...search, after: undefined }))) if (value) query.set(name, value);
  const text = query.toString();
  return `${API}/organizations.csv/${text ? `?${text}` : ''}`;
}

interface FoundProps {
  search: OrganizationsSearch;
  found: ReturnType<typeof useOrganizations>;
  onOrder: (column: string, first: 'asc' | 'desc') => void;
  onClear: () => void;
}

const useOrganizations = (search: OrganizationsSearch) => useQuery(organizationsQuery(search));

function Found({ search, found, onOrder, onClear }: FoundProps) {
  if (found.isPending) return <RowsSkeleton rows={14} />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data.items.length > 0) {
    return (
      <OrganizationsTable rows={found.data.items} newest={found.data.current_release} columns={shownColumns(search.columns)} order={search.order} stale={found.isPlaceholderData} onOrder={onOrder} />
    );
  }
  if (!isFiltered(search)) {
    return (
      <Empty title={<Trans>No organization yet</Trans>}>
        <Trans>The first one that signs up on the public site stands here.</Trans>
      </Empty>
    );
  }
  return (
    <Empty
      title={<Trans>Nothing matches</Trans>}
      action={
        <Button onClick={onClear}>
          <Trans>Show all organizations</Trans>
        </Button>
      }
    >
      <Trans>No organization has these words and filters together.</Trans>
    </Empty>
  );
}

interface PagerProps {
  search: OrganizationsSearch;
  shown: number;
  total: number;
  next: string | undefined;
  mayAct: boolean;
  onNext: (after: string) => void;
  onFirst: () => void;
}

function Pager({ search, shown, total, next, mayAct, onNext, onFirst }: PagerProps) {
  const page = Math.max(1, Number(search.page ?? '1') || 1);
  const from = (page - 1) * PAGE + 1;
  const range = t`${count(from)}–${count(from + shown - 1)} of ${count(total)}`;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 pt-3 text-text-3">
      <span>{range}</span>
      <span className="hidden items-center gap-1.5 md:flex pointer-coarse:hidden">
        <Kbd>J</Kbd>
        <Kbd>K</Kbd>
        <Trans>move</Trans>
        <Kbd>Enter</Kbd>
        <Trans>open</Trans>
        {mayAct ? (
          <>
            <Kbd>S</Kbd>
            <Trans>support access</Trans>
          </>
        ) : null}
      </span>
      <span className="flex gap-2">
        {search.after ? (
          <>
            {page > 2 ? (
              <Button variant="ghost" onClick={onFirst}>
                <Trans>First page</Trans>
              </Button>
            ) : null}
            {/* A cursor leads only forward; the page before is where this browser came from. */}
            <Button icon={<Icon as={ChevronLeft} size={14} mirror />} onClick={() => (page > 2 ? window.history.back() : onFirst())}>
              <Trans>Previous</Trans>
            </Button>
          </>
        ) : null}
        {next ? (
          <Button iconEnd={<Icon as={ChevronRight} size={14} mirror />} onClick={() => onNext(next)}>
            <Trans>Next</Trans>
          </Button>
        ) : null}
      </span>
    </div>
  );
}
