import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Archive, History } from 'lucide-react';
import { useState } from 'react';
import type { ArchiveLine, OrganizationDetail } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { count, moment } from '@/features/staff-kit/age';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { jobStateTone, spaced } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { exportsQuery, isRunning, organizationKeys, startExport, startRestore } from './api';
import { DeletionReport } from './deletion-report';
import { Restores } from './restores';

const WITH_DATA: readonly string[] = ['active', 'read_only', 'suspended', 'pending_deletion'];
const LEAVING: readonly string[] = ['pending_deletion', 'deleting', 'deleted'];

/** Archives of the organization: made, fetched, put back. */
export function ArchivePanel({ organization }: { organization: OrganizationDetail['organization'] }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useCan('operations.act');
  const [making, setMaking] = useState(false);
  const [restored, setRestored] = useState<ArchiveLine | null>(null);
  const found = useQuery(exportsQuery(organization.id));
  const lines = found.data?.items ?? [];
  const running = lines.some((line) => isRunning(line.state));
  const reason = !may
    ? t`For the operations role.`
    : running
      ? t`One is being made.`
      : WITH_DATA.includes(organization.state)
        ? undefined
        : t`There is nothing to export.`;
  return (
    <div className="grid gap-4 pt-3">
      {LEAVING.includes(organization.state) ? <DeletionReport organization={organization} /> : null}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[52ch] text-text-2">
          <Trans>An archive holds everything of the organization: people, courses, progress, films and its audit, with checksums.</Trans>
        </p>
        <Button icon={<Icon as={Archive} />} onClick={() => setMaking(true)} {...(reason === undefined ? {} : { disabledReason: reason })}>
          <Trans>Make an archive</Trans>
        </Button>
      </div>
      {found.isPending ? (
        <RowsSkeleton rows={3} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : lines.length === 0 ? (
        <p className="border-t border-line py-3 text-text-3">
          <Trans>No archive was made yet.</Trans>
        </p>
      ) : (
        <ul aria-label={t`Archives`}>
          {lines.map((line) => (
            <ArchiveRow key={line.id} line={line} mayRestore={may && WITH_DATA.includes(organization.state)} onRestore={() => setRestored(line)} />
          ))}
        </ul>
      )}
      <Restores organization={organization.id} />
      {making ? (
        <ReasonDialog
          title={
            <Trans>
              Make an archive of <bdi>{organization.name}</bdi>?
            </Trans>
          }
          description={<Trans>The organization goes on meanwhile. It sees in its audit that staff made one; only its owners can download it.</Trans>}
          act={<Trans>Make it</Trans>}
          acting={<Trans>Starting</Trans>}
          noTicket
          run={(given) => startExport(organization.id, given.reason)}
          onClose={() => setMaking(false)}
          onDone={() => {
            setMaking(false);
            void client.invalidateQueries({ queryKey: organizationKeys.exports(organization.id) });
            toast(t`Archive started`);
          }}
        />
      ) : null}
      {restored ? (
        <ReasonDialog
          title={<Trans>Restore this archive?</Trans>}
          description={
            <Trans>
              It is built beside <bdi>{organization.name}</bdi>, which goes on. You compare the two, then swap or discard.
            </Trans>
          }
          act={<Trans>Build it</Trans>}
          acting={<Trans>Starting</Trans>}
          noTicket
          run={async (given) => {
            const restore = await startRestore(organization.id, restored.id, given.reason);
            void navigate({ to: '/organizations/$organization/restores/$restore', params: { organization: organization.id, restore: restore.id } });
          }}
          onClose={() => setRestored(null)}
          onDone={() => setRestored(null)}
        >
          <Notice className="rounded-2!">
            <Trans>
              As of {moment(restored.snapshot_at ?? restored.created_at)}. People who were erased since stay erased; billing and domains stay as they are.
            </Trans>
          </Notice>
        </ReasonDialog>
      ) : null}
    </div>
  );
}

function archiveWord(state: string): string {
  switch (state) {
    case 'queued':
      return t`Waiting`;
    case 'running':
      return t`Being made`;
    case 'ready':
      return t`Ready`;
    case 'failed':
      return t`Failed`;
    case 'expired':
      return t`Expired`;
    default:
      return spaced(state);
  }
}

function ArchiveRow({ line, mayRestore, onRestore }: { line: ArchiveLine; mayRestore: boolean; onRestore: () => void }) {
  const running = isRunning(line.state);
  const permille = line.progress_permille;
  const percent = `${Math.floor(permille / 10)}\u00a0%`;
  return (
    <li className="grid gap-2 border-t border-line py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <span className="font-medium">{moment(line.created_at)}</span>
        <Status tone={line.state === 'expired' ? 'off' : jobStateTone(line.state)}>{archiveWord(line.state)}</Status>
        {line.size_bytes === null ? null : <span className="text-text-2">{bytes(line.size_bytes)}</span>}
        {line.rows === null || line.files === null ? null : <span className="text-text-3">{t`${count(line.rows)} rows, ${count(line.files)} files`}</span>}
        {line.state === 'ready' && line.expires_at ? <span className="text-text-3">{t`until ${moment(line.expires_at)}`}</span> : null}
        {line.state === 'ready' ? (
          <span className="ms-auto flex gap-2">
            {mayRestore ? (
              <Button size="sm" className="pointer-coarse:h-11!" icon={<Icon as={History} size={14} />} onClick={onRestore}>
                <Trans>Restore…</Trans>
              </Button>
            ) : null}
          </span>
        ) : null}
      </div>
      {running ? (
        <div className="flex items-center gap-3">
          <Progress value={permille / 1000} label={t`Progress of the archive`} valueText={percent} className="flex-1" />
          <span className="w-12 text-end text-text-2 tabular-nums">{percent}</span>
        </div>
      ) : null}
      {line.error ? <p className="wrap-anywhere text-danger-text">{line.error}</p> : null}
    </li>
  );
}
