import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { RestoreDetail } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, moment } from '@/features/staff-kit/age';
import { StaffPage } from '@/features/staff-kit/page';
import { Problem } from '@/features/staff-kit/problem';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { Button, buttonClass } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Status, type StatusTone } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { discardRestore, isRunning, organizationKeys, organizationQuery, restoreQuery, swapRestore } from './api';

function restoreWord(state: string): string {
  switch (state) {
    case 'queued':
      return t`Waiting`;
    case 'running':
      return t`Being built`;
    case 'ready':
    case 'compared':
      return t`Built, waits for you`;
    case 'swapping':
      return t`Swapping`;
    case 'swapped':
      return t`Swapped in`;
    case 'discarding':
      return t`Discarding`;
    case 'discarded':
      return t`Discarded`;
    case 'failed':
      return t`Failed`;
    default:
      return spaced(state);
  }
}

const TONES: Record<string, StatusTone> = { queued: 'off', running: 'running', ready: 'look', compared: 'look', swapping: 'running', swapped: 'fine', discarding: 'running', discarded: 'off', failed: 'failed' };

const waits = (state: string) => state === 'ready' || state === 'compared';

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
  const permille = restore.progress_permille ?? 0;
  const percent = `${Math.floor(permille / 10)}\u00a0%`;
  return (
    <div className="grid gap-6">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <Status tone={TONES[restore.state] ?? 'off'} className="font-medium">
          {restoreWord(restore.state)}
        </Status>
        <span className="text-text-3">{t`begun ${moment(restore.created_at)}`}</span>
        {waits(restore.state) && may ? (
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
          <Trans>Everybody signs in again; what was live before is gone.</Trans>
        </Notice>
      ) : null}
      {restore.comparison ? <Comparison rows={restore.comparison} /> : null}
      {asked === 'swap' ? <SwapDialog restore={restore} name={name} onClose={() => setAsked(null)} /> : null}
      {asked === 'discard' ? <DiscardDialog restore={restore} onClose={() => setAsked(null)} /> : null}
    </div>
  );
}

function Comparison({ rows }: { rows: NonNullable<RestoreDetail['comparison']> }) {
  const [onlyDifferent, setOnlyDifferent] = useState(true);
  const different = rows.filter((row) => !row.equal);
  const shown = onlyDifferent ? different : rows;
  return (
    <section aria-label={t`Comparison`} className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="font-medium">
          {different.length === 0
            ? t`All ${rows.length} tables are the same.`
            : plural(different.length, { one: `# of ${rows.length} tables differs.`, other: `# of ${rows.length} tables differ.` })}
        </p>
        {different.length > 0 ? <Checkbox checked={onlyDifferent} onChange={setOnlyDifferent} label={<Trans>Only what differs</Trans>} /> : null}
      </div>
      {shown.length > 0 ? (
        <Table label={t`Comparison per table`}>
          <thead>
            <tr>
              <Th>
                <Trans>Table</Trans>
              </Th>
              <Th numeric>
                <Trans>Rows now</Trans>
              </Th>
              <Th numeric>
                <Trans>Rows restored</Trans>
              </Th>
              <Th numeric>
                <Trans>Change</Trans>
              </Th>
              <Th className="pe-0!">
                <Trans>Content</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Tr key={row.table}>
                <Td className="mono break-all">{row.table}</Td>
                <Td numeric>{count(row.live)}</Td>
                <Td numeric>{count(row.restored)}</Td>
                <Td numeric className={row.restored < row.live ? 'font-semibold text-danger-text' : 'text-text-2'}>
                  {rowChange(row.restored - row.live)}
                </Td>
                <Td className="pe-0!">{row.equal ? <Status tone="fine">{t`Same`}</Status> : <Status tone="look">{t`Differs`}</Status>}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </section>
  );
}

/** "+12", "−3", "0": with a real minus. */
export const rowChange = (difference: number) => (difference > 0 ? `+${count(difference)}` : difference < 0 ? `−${count(-difference)}` : '0');

function SwapDialog({ restore, name, onClose }: { restore: RestoreDetail; name: string; onClose: () => void }) {
  const client = useQueryClient();
  const lost = (restore.comparison ?? []).filter((row) => row.restored < row.live);
  const rows = lost.reduce((sum, row) => sum + row.live - row.restored, 0);
  return (
    <ReasonDialog
      title={
        <Trans>
          Swap the restored data into <bdi>{name}</bdi>?
        </Trans>
      }
      description={<Trans>In one step: everybody is signed out, and what is live now goes. Billing, domains and erasures stay.</Trans>}
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
          {lost.slice(0, 4).map((row) => row.table).join(', ')}
        </Notice>
      ) : null}
    </ReasonDialog>
  );
}

function DiscardDialog({ restore, onClose }: { restore: RestoreDetail; onClose: () => void }) {
  const client = useQueryClient();
  const discard = useMutation({
    mutationFn: () => discardRestore(restore.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: organizationKeys.restore(restore.id) });
      toast(t`Restore discarded`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Discard the restored data?</Trans>}
      description={<Trans>The organization stays as it is. The archive stays too, so it can be built again.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={discard.isPending} onClick={() => discard.mutate()}>
            {discard.isPending ? <Trans>Discarding</Trans> : <Trans>Discard</Trans>}
          </Button>
        </>
      }
    >
      <Problem error={discard.error} />
    </Dialog>
  );
}
