import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { LoadMore } from '@/features/staff-kit/load-more';
import { organizationNameQuery, OrganizationPicker } from '@/features/staff-kit/organization-picker';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button, buttonClass } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { auditCsv, type AuditFilter, auditQuery } from './api';
import { AuditTable } from './audit-table';

/** Everything that staff and the platform did. Entries can be read and taken along, never changed. */
export function AuditPage() {
  usePageTitle(t`Audit`);
  const filter = useSearch({ strict: false }) as AuditFilter;
  const navigate = useNavigate();
  const may = useCan('staff.audit');
  const change = (next: AuditFilter) => void navigate({ to: '/audit', search: { ...filter, ...next }, replace: true });
  const chosen = useQuery({ ...organizationNameQuery(filter.organization ?? ''), enabled: filter.organization !== undefined });
  if (!may) {
    return (
      <StaffPage title={<Trans>Audit</Trans>}>
        <Forbidden compact />
      </StaffPage>
    );
  }
  return (
    <StaffPage
      title={<Trans>Audit</Trans>}
      filters={
        <>
          <Words label={t`Who: a name`} value={filter.actor} onChange={(actor) => change({ actor })} />
          <Words label={t`What: an action`} value={filter.action} onChange={(action) => change({ action })} />
          <OrganizationPicker
            label={t`Any organization`}
            className="w-full sm:w-[200px]"
            value={filter.organization ? { id: filter.organization, name: chosen.data?.name ?? filter.organization.slice(0, 8) } : null}
            onChange={(picked) => change({ organization: picked?.id })}
          />
        </>
      }
      actions={
        <a download className={buttonClass('secondary', 'md', 'pointer-coarse:h-11')} href={auditCsv(filter)}>
          <Icon as={Download} size={14} />
          CSV
        </a>
      }
    >
      <Found filter={filter} onClear={() => change({ organization: undefined, actor: undefined, action: undefined })} />
    </StaffPage>
  );
}

function Words({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string | undefined) => void }) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => {
    if (text.trim() === (value ?? '')) return undefined;
    const timer = setTimeout(() => onChange(text.trim() || undefined), 300);
    return () => clearTimeout(timer);
    // Only what is typed starts the wait.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [text]);
  return (
    <Input
      quiet
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      start={<Icon as={Search} size={14} className="text-text-3" />}
      className="w-full sm:w-[180px]"
    />
  );
}

function Found({ filter, onClear }: { filter: AuditFilter; onClear: () => void }) {
  const entries = useInfiniteQuery(auditQuery(filter));
  if (entries.isPending) return <RowsSkeleton />;
  if (entries.isError) return <Failure compact error={entries.error} onRetry={() => void entries.refetch()} />;
  const rows = entries.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <Empty
        title={<Trans>Nothing matches</Trans>}
        action={
          <Button onClick={onClear}>
            <Trans>Show everything</Trans>
          </Button>
        }
      >
        <Trans>No entry has this name, action and organization.</Trans>
      </Empty>
    );
  }
  return (
    <>
      <AuditTable entries={rows} />
      <LoadMore list={entries} />
    </>
  );
}
