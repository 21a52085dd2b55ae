import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import type { JobLine } from '@/api/staff';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { jobKindWord } from '@/features/staff-kit/words';
import { toast } from '@/ui/toast';
import { jobsKeys, retryJob } from './api';

/** Runs a job again, with the reason that the log keeps. */
export function RetryDialog({ job, onClose }: { job: JobLine; onClose: () => void }) {
  const client = useQueryClient();
  const kind = jobKindWord(job.kind);
  return (
    <ReasonDialog
      title={<Trans>Retry this job?</Trans>}
      description={
        job.organization_name ? (
          <Trans>
            {kind} of <bdi>{job.organization_name}</bdi>. It goes on where it stopped; what is done is not done twice.
          </Trans>
        ) : (
          <Trans>{kind}. It goes on where it stopped; what is done is not done twice.</Trans>
        )
      }
      act={<Trans>Retry</Trans>}
      acting={<Trans>Retrying</Trans>}
      noTicket
      run={({ reason }) => retryJob(job.kind, job.id, reason)}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: jobsKeys.all });
        toast(t`${kind} retried`);
        onClose();
      }}
    >
      {job.error ? <p className="rounded-2 bg-sunken p-3 mono text-text-2 wrap-anywhere">{job.error}</p> : null}
    </ReasonDialog>
  );
}
