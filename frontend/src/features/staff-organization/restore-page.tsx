import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ComparedTable, RestoreDetail } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, moment } from '@/features/staff-kit/age';
import { StaffPage } from '@/features/staff-kit/page';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { Button, buttonClass } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { discardRestore, isRunning, organizationKeys, organizationQuery, restoreQuery, swapRestore } from './api';
import { RESTORE_TONES, restoreWord, rowsLost, signed } from './restore-words';

/** A restore from its beginning to its end: built beside the living organization, compared, then swapped or discarded. */
export function RestorePage() {
  const { organization, restore } = useParams({ strict: false }) as { organization: string; restore: string };
  usePageTitle(t`Restore`);
  const found = useQuery(restoreQuery(restore));
  const detail = useQuery(organizationQuery(organization));
  const name = detail.data?.organization.name ?? '';
  return (
    <StaffPage
      className="max-w-[900px]"
      title={<Trans>Restore</Trans>}
      aside={
        <Link to="/organizations/$organization" params={{ organization }} search={{ tab: 'archives' }} className="rounded-1 hover:text-text">
          <bdi>{name}</bdi>
        </Link>
      }
    >
      {found.isPending ? (
        <RowsSkeleton rows={6} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Found restore={found.data} organization={organization} name={name} />
      )}
    </StaffPage>
  );
}

function Found({ restore, organization, name }: { restore: RestoreDetail; organization: string; name: string }) {
  const may = useCan('operations.act');
  const [asked, setAsked] = useState<'swap' | 'discard' | null>(null);
  const permille = restore.progress_permille;
  const percent = `${Math.floor(permille / 10)}\u00a0%`;
  return (
    <div className="grid gap-6">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <Status tone={RESTORE_TONES[restore.state]} className="font-medium">
          {restoreWord(restore.state)}
        </Status>
        <span className="text-text-3">{t`begun ${moment(restore.created_at)}`}</span>
        {restore.state === 'compared' && may ? (
          <span className="ms-auto flex gap-2 max-sm:w-full max-sm:*:flex-1">
            <Button onClick={() => setAsked('discard')}>
              <Trans>Discard…</Trans>
            </Button>
            <Button variant="primary" onClick={() => setAsked('swap')}>
              <Trans>Swap in…</Trans>
            </Button>
          </span>
        ) : null}
      </div>
      {isRunning(restore.state) ? (
        <div className="grid gap-2">
          <Progress height={6} value={permille / 1000} label={t`Progress of the restore`} valueText={percent} />
          <p className="text-text-2">
            <Trans>{percent}. The organization goes on meanwhile; you can leave this page.</Trans>
          </p>
        </div>
      ) : null}
      {restore.error ? (
        <Notice tone="danger" title={t`The restore stopped.`} className="rounded-2!">
          <span className="wrap-anywhere">{restore.error}</span>
        </Notice>
      ) : null}
      {restore.state === 'swapped' ? (
        <Notice
          tone="success"
          title={t`The restored data is live.`}
          className="rounded-2!"
          action={
            <Link to="/organizations/$organization" params={{ organization }} className={buttonClass('secondary', 'sm')}>
              <Trans>To the organization</Trans>
            </Link>
          }
        >
          {restore.old_kept_until ? <Trans>Everybody signs in again. What was live before is kept until {moment(restore.old_kept_until)}.</Trans> : <Trans>Everybody signs in again.</Trans>}
        </Notice>
      ) : null}
      {restore.comparison ? <Comparison restore={restore} tables={restore.comparison} /> : null}
      {asked === 'swap' ? <SwapDialog restore={restore} name={name} onClose={() => setAsked(null)} /> : null}
      {asked === 'discard' ? <DiscardDialog restore={restore} onClose={() => setAsked(null)} /> : null}
    </div>
  );
}

function Comparison({ restore, tables }: { restore: RestoreDetail; tables: readonly ComparedTable[] }) {
  const [onlyDifferent, setOnlyDifferent] = useState(true);
  const files = restore.media_missing ?? 0;
  const size = bytes(restore.media_missing_bytes ?? 0);
  const different = tables.filter((table) => !table.equal);
  const shown = onlyDifferent ? different : tables;
  return (
    <section aria-label={t`Comparison`} className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="font-medium">
          {different.length === 0
            ? t`All ${tables.length} tables are the same.`
            : plural(different.length, { one: `# of ${tables.length} tables differs.`, other: `# of ${tables.length} tables differ.` })}
        </p>
        {different.length > 0 ? <Checkbox checked={onlyDifferent} onChange={setOnlyDifferent} label={<Trans>Only what differs</Trans>} /> : null}
      </div>
      <p className="text-text-2">
        {restore.snapshot_at ? t`The archive shows ${moment(restore.snapshot_at)}.` : null}{' '}
        {files > 0
          ? plural(files, {
              one: `# file comes back (${size}).`,
              other: `# files come back (${size}).`,
            })
          : t`No file is missing.`}{' '}
        {restore.erasures > 0 ? plural(restore.erasures, { one: '# person who was erased is erased again.', other: '# people who were erased are erased again.' }) : null}
      </p>
      {shown.length > 0 ? (
        <Table label={t`Comparison per table`}>
          <thead>
            <tr>
              <Th>
                <Trans>Table</Trans>
              </Th>
              <Th numeric>
                <Trans>Now</Trans>
              </Th>
              <Th numeric>
                <Trans>After</Trans>
              </Th>
              <Th numeric>
                <Trans>Come back</Trans>
              </Th>
              <Th numeric>
                <Trans>Go away</Trans>
              </Th>
              <Th numeric className="pe-0!">
                <Trans>Change</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {shown.map((table) => (
              <Tr key={table.table}>
                <Td className="py-1.5">
                  <span className="mono">{table.table}</span>
                  {table.equal ? <Status tone="fine" className="ms-3">{t`Same`}</Status> : null}
                  {table.words ? <span className="block text-text-3">{table.words}</span> : null}
                </Td>
                <Td numeric>{count(table.live)}</Td>
                <Td numeric>{count(table.restored)}</Td>
                <Td numeric className="text-text-2">
                  {signed(table.comes_back)}
                </Td>
                <Td numeric className={table.goes_away > 0 ? 'font-semibold text-danger-text' : 'text-text-2'}>
                  {signed(-table.goes_away)}
                </Td>
                <Td numeric className="pe-0! text-text-2">
                  {count(table.changes)}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </section>
  );
}

function SwapDialog({ restore, name, onClose }: { restore: RestoreDetail; name: string; onClose: () => void }) {
  const client = useQueryClient();
  const tables = restore.comparison ?? [];
  const rows = rowsLost(tables);
  return (
    <ReasonDialog
      title={
        <Trans>
          Swap the restored data into <bdi>{name}</bdi>?
        </Trans>
      }
      description={<Trans>In one step: everybody is signed out, and what is live now goes. It is kept for a week. Billing, domains and erasures stay.</Trans>}
      act={<Trans>Swap in</Trans>}
      acting={<Trans>Swapping</Trans>}
      danger
      noTicket
      run={({ reason }) => swapRestore(restore.id, reason)}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: organizationKeys.restore(restore.id) });
        onClose();
      }}
    >
      {rows > 0 ? (
        <Notice tone="warning" className="rounded-2!" title={plural(rows, { one: '# row that is there now is not in the archive.', other: '# rows that are there now are not in the archive.' })}>
          {tables
            .filter((table) => table.goes_away > 0)
            .slice(0, 4)
            .map((table) => table.table)
            .join(', ')}
        </Notice>
      ) : null}
    </ReasonDialog>
  );
}

function DiscardDialog({ restore, onClose }: { restore: RestoreDetail; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <ReasonDialog
      title={<Trans>Discard the restored data?</Trans>}
      description={<Trans>The organization stays as it is. The archive stays too, so it can be built again.</Trans>}
      act={<Trans>Discard</Trans>}
      acting={<Trans>Discarding</Trans>}
      danger
      noTicket
      run={({ reason }) => discardRestore(restore.id, reason)}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: organizationKeys.restore(restore.id) });
        toast(t`Restore is being discarded`);
        onClose();
      }}
    />
  );
}
