import { Trans } from '@lingui/react/macro';
import type { JobLine } from '@/api/staff';
import { Section } from '@/features/staff-kit/page';
import { JobState } from '@/features/staff-jobs/job-state';

/** The latest few jobs, beside everything else. */
export function JobsAside({ jobs, onAll }: { jobs: readonly JobLine[]; onAll: () => void }) {
  return (
    <Section
      title={<Trans>Jobs</Trans>}
      aside={
        jobs.length > 0 ? (
          <button type="button" className="link pointer-coarse:min-h-11" onClick={onAll}>
            <Trans>All jobs</Trans>
          </button>
        ) : null
      }
    >
      {jobs.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>None yet.</Trans>
        </p>
      ) : (
        <ul>
          {jobs.slice(0, 5).map((job) => (
            <li key={`${job.kind} ${job.id}`} className="flex items-center justify-between gap-3 border-t border-line py-[7px]">
              <span className="min-w-0 truncate">
                {job.label} <span className="text-text-3">{job.subject}</span>
              </span>
              <JobState job={job} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
