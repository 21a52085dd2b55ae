import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/errors';
import type { DeletionReport as Report, OrganizationDetail } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { moment } from '@/features/staff-kit/age';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Status, type StatusTone } from '@/ui/status';
import { toast } from '@/ui/toast';
import { deletionReportQuery, isRunning, organizationKeys, wantFinalExport } from './api';
import { reportLines } from './report-lines';

const TONES: Record<Report['state'], StatusTone> = { waiting: 'look', queued: 'look', running: 'running', done: 'fine', failed: 'failed' };

function stateWords(report: Report): string {
  switch (report.state) {
    case 'waiting':
      return t`Waits for its day`;
    case 'queued':
      return t`About to begin`;
    case 'running':
      return t`Being deleted`;
    case 'done':
      return t`Deleted, and searched for`;
    case 'failed':
      return t`Stopped`;
  }
}

/** The end of an organization: the last archive before it, how far it is, what was deleted and what a search found after. */
export function DeletionReport({ organization }: { organization: OrganizationDetail['organization'] }) {
  const report = useQuery(deletionReportQuery(organization.id));
  if (report.isPending) return <RowsSkeleton rows={2} />;
  if (report.isError) {
    if (report.error instanceof ApiError && report.error.status === 404) return null;
    return <Failure compact error={report.error} onRetry={() => void report.refetch()} />;
  }
  return <Found report={report.data} organization={organization} />;
}

function Found({ report, organization }: { report: Report; organization: OrganizationDetail['organization'] }) {
  const client = useQueryClient();
  const may = useCan('operations.act');
  const [asking, setAsking] = useState(false);
  const percent = `${Math.floor(report.progress_permille / 10)}\u00a0%`;
  const lines = report.report && typeof report.report === 'object' ? reportLines(report.report as Record<string, unknown>) : [];
  return (
    <section aria-label={t`Deletion`} className="grid gap-3 rounded-3 bg-sunken p-3.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Status tone={TONES[report.state]} className="font-medium">
          {stateWords(report)}
        </Status>
        {report.finished_at ? <span className="text-text-2">{moment(report.finished_at)}</span> : null}
        {report.state === 'waiting' && !report.wants_final_export && may ? (
          <Button className="ms-auto" onClick={() => setAsking(true)}>
            <Trans>Ask for a last archive…</Trans>
          </Button>
        ) : null}
      </div>
      {report.wants_final_export ? (
        <p className="text-text-2">
          <Trans>A last archive is made just before.</Trans>
        </p>
      ) : null}
      {isRunning(report.state) ? <Progress value={report.progress_permille / 1000} label={t`Progress of the deletion`} valueText={percent} /> : null}
      {report.error ? (
        <Notice tone="danger" className="rounded-2!" title={t`The deletion stopped.`}>
          <span className="wrap-anywhere">{report.error}</span>
        </Notice>
      ) : null}
      {lines.length > 0 ? (
        <dl>
          {lines.map((line) => (
            <div key={line.name} className="flex flex-wrap justify-between gap-x-4 border-t border-line py-1.5">
              <dt className="text-text-2">{line.name}</dt>
              <dd className="mono wrap-anywhere">{line.value}</dd>
            </div>
          ))}
          <div className="flex flex-wrap justify-between gap-x-4 border-t border-line py-1.5">
            <dt className="text-text-2">SHA-256</dt>
            <dd className="mono break-all">{report.sha256}</dd>
          </div>
        </dl>
      ) : null}
      {asking ? (
        <ReasonDialog
          title={<Trans>Make a last archive before the deletion?</Trans>}
          description={
            <Trans>
              Just before everything of <bdi>{organization.name}</bdi> goes. Its owners can fetch it for a while.
            </Trans>
          }
          act={<Trans>Make it</Trans>}
          acting={<Trans>Asking</Trans>}
          noTicket
          run={({ reason }) => wantFinalExport(organization.id, reason)}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            void client.invalidateQueries({ queryKey: organizationKeys.deletion(organization.id) });
            toast(t`A last archive will be made`);
          }}
        />
      ) : null}
    </section>
  );
}
