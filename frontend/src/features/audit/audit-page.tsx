import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Menu, MenuItem } from '@/ui/menu';
import { PageBody } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { type AuditSearch, entriesQuery, exportAddress, isFiltered } from './api';
import { EntryDrawer } from './entry-drawer';
import { EntryTable } from './entry-table';
import { Filters } from './filters';
import { SealState } from './seal-state';

/** Settings, Audit: what was done here, by whom, on whose behalf. Filters and the open entry stand in the address. */
export function AuditPage() {
  usePageTitle(t`Audit`);
  const search = useSearch({ strict: false }) as AuditSearch;
  const navigate = useNavigate();
  const may = useCan('audit.view');
  const mayExport = useCan('audit.export');
  const change = (next: AuditSearch, replace = false) =>
    void navigate({ to: '/studio/settings/audit', search: { ...search, ...next }, replace, resetScroll: false });
  if (!may) {
    return (
      <PageBody>
        <Forbidden compact />
      </PageBody>
    );
  }
  return (
    <PageBody>
      <div className="grid max-w-[1080px] gap-5">
        <div className="flex flex-wrap items-start justify-between gap-3">
          <SealState />
          {mayExport ? <ExportMenu search={search} /> : null}
        </div>
        <Filters search={search} onChange={change} />
        <Entries search={search} onChange={change} />
      </div>
      {search.entry ? (
        <EntryDrawer
          id={search.entry}
          onClose={() => change({ entry: undefined }, true)}
          onFilter={(next) => change({ ...next, entry: undefined })}
        />
      ) : null}
    </PageBody>
  );
}

function Entries({ search, onChange }: { search: AuditSearch; onChange: (next: AuditSearch, replace?: boolean) => void }) {
  const found = useInfiniteQuery(entriesQuery(search));
  if (found.isPending) return <RowsSkeleton />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  const rows = found.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return isFiltered(search) ? (
      <Empty
        title={<Trans>Nothing like this was done</Trans>}
        action={
          <Button
            onClick={() =>
              onChange({
                person: undefined,
                group: undefined,
                object: undefined,
                since: undefined,
                until: undefined,
                support: undefined,
              })
            }
          >
            <Trans>Show everything</Trans>
          </Button>
        }
      >
        <Trans>Nobody did anything that fits these filters.</Trans>
      </Empty>
    ) : (
      <Empty title={<Trans>Nothing was done yet</Trans>}>
        <Trans>Every sign-in, change of roles, publication and export will stand here.</Trans>
      </Empty>
    );
  }
  return (
    <div>
      <EntryTable entries={rows} open={search.entry} onOpen={(entry) => onChange({ entry })} />
      {found.hasNextPage ? (
        <Button className="mt-4" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {found.isFetchingNextPage ? <Trans>Loading</Trans> : <Trans>Show older</Trans>}
        </Button>
      ) : null}
    </div>
  );
}

function ExportMenu({ search }: { search: AuditSearch }) {
  const save = (form: 'csv' | 'jsonl') => window.location.assign(exportAddress(search, form));
  return (
    <Menu
      width={260}
      trigger={
        <Button icon={<Icon as={Download} />}>
          <Trans>Export</Trans>
        </Button>
      }
    >
      <MenuItem onSelect={() => save('csv')} detail={<Trans>For a spreadsheet</Trans>}>
        <Trans>CSV of what is shown</Trans>
      </MenuItem>
      <MenuItem onSelect={() => save('jsonl')} detail={<Trans>For a program, with every digest</Trans>}>
        <Trans>JSON Lines of what is shown</Trans>
      </MenuItem>
    </Menu>
  );
}

function RowsSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid">
      {[0, 1, 2, 3, 4, 5, 6, 7].map((row) => (
        <div key={row} className="flex h-(--row) items-center gap-6 border-b border-line">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="h-4 w-full max-w-[420px]" />
        </div>
      ))}
    </div>
  );
}
