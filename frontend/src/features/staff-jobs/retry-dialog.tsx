import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import type { JobLine } from '@/api/staff';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { toast } from '@/ui/toast';
import { cancelJob, jobsKeys, retryJob } from './api';

interface JobDialogProps {
  job: JobLine;
  onClose: () => void;
}

/** Whose job it is and what it works on, then its own last words. */
function About({ job }: { job: JobLine }) {
  return (
    <div className="grid gap-2">
      <p>
        <span className="font-medium">{job.label}</span>
        {job.subject ? <span className="wrap-anywhere text-text-2"> {job.subject}</span> : null}
        {job.organization_name ? (
          <>
            , <bdi>{job.organization_name}</bdi>
          </>
        ) : null}
      </p>
      {job.error ? <p className="rounded-2 bg-sunken p-3 mono text-text-2 wrap-anywhere">{job.error}</p> : null}
    </div>
  );
}

function useDone(words: string, onClose: () => void): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: jobsKeys.all });
    toast(words);
    onClose();
  };
}

/** Runs a job again, with the reason that the log keeps. */
export function RetryDialog({ job, onClose }: JobDialogProps) {
  const onDone = useDone(t`${job.label} retried`, onClose);
  return (
    <ReasonDialog
      title={<Trans>Retry this job?</Trans>}
      description={<Trans>It goes on where it stopped; what is done is not done twice.</Trans>}
      act={<Trans>Retry</Trans>}
      acting={<Trans>Retrying</Trans>}
      run={(why) => retryJob(job, why)}
      onClose={onClose}
      onDone={onDone}
    >
      <About job={job} />
    </ReasonDialog>
  );
}

/** Gives a job up for good. */
export function CancelDialog({ job, onClose }: JobDialogProps) {
  const onDone = useDone(t`${job.label} given up`, onClose);
  return (
    <ReasonDialog
      title={<Trans>Give this job up?</Trans>}
      description={<Trans>It is not tried again. What it should have done stays undone.</Trans>}
      act={<Trans>Give up</Trans>}
      acting={<Trans>Giving up</Trans>}
      danger
      run={(why) => cancelJob(job, why)}
      onClose={onClose}
      onDone={onDone}
    >
      <About job={job} />
    </ReasonDialog>
  );
}
