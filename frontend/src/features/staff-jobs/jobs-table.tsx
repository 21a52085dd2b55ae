import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { JobLine } from '@/api/staff';
import { ago, moment } from '@/features/staff-kit/age';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Table, Td, Th, Tr } from '@/ui/table';
import { JobState } from './job-state';
import { CancelDialog, RetryDialog } from './retry-dialog';

/** Jobs, newest first. `withOrganization` is off where the page is about one. */
export function JobsTable({ jobs, withOrganization = true }: { jobs: readonly JobLine[]; withOrganization?: boolean }) {
  const mayRetry = useCan('operations.act');
  const [asked, setAsked] = useState<{ what: 'retry' | 'cancel'; job: JobLine } | null>(null);
  return (
    <>
      <Table label={t`Jobs`}>
        <thead>
          <tr>
            <Th>
              <Trans>Job</Trans>
            </Th>
            {withOrganization ? (
              <Th className="max-sm:hidden">
                <Trans>Organization</Trans>
              </Th>
            ) : null}
            <Th>
              <Trans>State</Trans>
            </Th>
            <Th className="w-[40%] max-md:hidden">
              <Trans>What happened</Trans>
            </Th>
            <Th numeric className="max-md:hidden">
              <Trans>Tries</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Changed</Trans>
            </Th>
            <Th className="relative pe-0!">
              <span className="sr-only">
                <Trans>Actions</Trans>
              </span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <Tr key={`${job.kind} ${job.id}`}>
              <Td className="py-1.5 whitespace-nowrap">
                <span className="font-medium">{job.label}</span>
                <span className="block max-w-[200px] truncate mono text-text-3" title={job.subject || job.id}>
                  {job.subject || job.id.slice(0, 8)}
                </span>
                {withOrganization && job.organization_id ? (
                  <span className="block max-w-[150px] truncate text-text-2 sm:hidden">
                    <Owner job={job} />
                  </span>
                ) : null}
              </Td>
              {withOrganization ? (
                <Td className="max-w-[220px] truncate max-sm:hidden">{job.organization_id ? <Owner job={job} /> : <span className="text-text-3">–</span>}</Td>
              ) : null}
              <Td className="whitespace-nowrap">
                <JobState job={job} />
                <span className="block text-text-3 sm:hidden">{ago(job.updated_at)}</span>
              </Td>
              <Td className="max-w-0 py-1.5 text-text-2 max-md:hidden">
                <span className="line-clamp-2 wrap-anywhere" title={job.error ?? undefined}>
                  {job.error ?? ''}
                </span>
              </Td>
              <Td numeric className="text-text-2 max-md:hidden">
                {job.attempts}
              </Td>
              <Td numeric className="whitespace-nowrap text-text-2 max-sm:hidden">
                <time dateTime={job.updated_at} title={moment(job.updated_at)}>
                  {ago(job.updated_at)}
                </time>
              </Td>
              <Td className="pe-0! text-end">
                <span className="inline-flex gap-1.5">
                  {job.can_cancel && mayRetry ? (
                    <Button size="sm" variant="ghost" className="pointer-coarse:h-11!" onClick={() => setAsked({ what: 'cancel', job })}>
                      <Trans>Give up</Trans>
                    </Button>
                  ) : null}
                  {job.can_retry && mayRetry ? (
                    <Button
                      size="sm"
                      className="pointer-coarse:h-11!"
                      icon={<Icon as={RotateCw} size={14} />}
                      data-row={`${job.kind}/${job.id}`}
                      onClick={() => setAsked({ what: 'retry', job })}
                    >
                      <Trans>Retry</Trans>
                    </Button>
                  ) : null}
                </span>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {asked?.what === 'retry' ? <RetryDialog job={asked.job} onClose={() => setAsked(null)} /> : null}
      {asked?.what === 'cancel' ? <CancelDialog job={asked.job} onClose={() => setAsked(null)} /> : null}
    </>
  );
}

function Owner({ job }: { job: JobLine }) {
  return (
    <Link to="/organizations/$organization" params={{ organization: job.organization_id ?? '' }} className="rounded-1 hover:underline">
      <bdi>{job.organization_name}</bdi>
    </Link>
  );
}
