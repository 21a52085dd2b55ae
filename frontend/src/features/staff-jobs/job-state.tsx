import { t } from '@lingui/core/macro';
import type { JobLine } from '@/api/staff';
import { jobStateTone, jobStateWord } from '@/features/staff-kit/words';
import { Status } from '@/ui/status';

/** "Running, 61 %": shape, word, and how far it is where that is known. */
export function JobState({ job }: { job: JobLine }) {
  const running = job.state === 'running' && job.progress_permille !== null;
  const percent = Math.floor((job.progress_permille ?? 0) / 10);
  const word = jobStateWord(job.state);
  return <Status tone={jobStateTone(job.state)}>{running ? t`${word}, ${percent}\u00a0%` : word}</Status>;
}
