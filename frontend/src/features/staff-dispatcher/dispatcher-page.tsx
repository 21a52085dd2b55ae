import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Dispatcher, WorkLane } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, moment, span } from '@/features/staff-kit/age';
import { BadNote, Figure, Figures } from '@/features/staff-kit/figures';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { dispatcherQuery } from './api';
import { Duties } from './duties';
import { lagTone, seconds, troubles } from './model';
import { Schedule } from './schedule';

/** What is due and what waits: events, mails, duties of the platform and of organizations. */
export function DispatcherPage() {
  usePageTitle(t`Dispatcher`);
  const found = useQuery(dispatcherQuery);
  const heartbeat = found.data?.heartbeat;
  return (
    <StaffPage title={<Trans>Dispatcher</Trans>} aside={heartbeat ? <Leader heartbeat={heartbeat} /> : null}>
      {found.isPending ? <PageSkeleton /> : found.isError ? <Failure compact error={found.error} onRetry={() => void found.refetch()} /> : <Found found={found.data} />}
    </StaffPage>
  );
}

function Leader({ heartbeat }: { heartbeat: Dispatcher['heartbeat'] }) {
  const { alive, host, since } = heartbeat;
  if (!alive) {
    return (
      <Status tone="failed" className="font-medium text-danger-text">
        <Trans>Not heard of</Trans>
      </Status>
    );
  }
  return (
    <Status tone="fine" className="whitespace-normal! text-text-2">
      <span>
        {since ? <Trans>Leads since {moment(since)}</Trans> : <Trans>Alive</Trans>}
        {host ? <span className="ms-2 mono text-text-3 wrap-anywhere">{host}</span> : null}
      </span>
    </Status>
  );
}

function Found({ found }: { found: Dispatcher }) {
  const words = troubles(found);
  const { outbox, mails, schedule, limits } = found;
  return (
    <div className="grid gap-6">
      {words.length > 0 ? (
        <Notice tone={found.heartbeat.alive && found.broker.reachable ? 'warning' : 'danger'} title={words[0]} className="rounded-2! py-2.5!">
          {words.slice(1).join(' ')}
        </Notice>
      ) : null}
      <Figures>
        <Figure
          name={<Trans>Events, oldest</Trans>}
          value={span(outbox.lag_seconds)}
          note={outbox.parked > 0 ? <BadNote>{t`${count(outbox.parked)} parked`}</BadNote> : t`${count(outbox.pending)} waiting`}
        />
        <Figure
          name={<Trans>Delivered within, p95</Trans>}
          value={outbox.p95_seconds === null ? '–' : seconds(outbox.p95_seconds)}
          note={outbox.sampled > 0 ? t`of the last ${count(outbox.sampled)}` : t`none in 5\u00a0min`}
        />
        <Figure name={<Trans>In flight</Trans>} value={count(outbox.in_flight)} note={t`of ${count(limits.in_flight)}, ${count(limits.in_flight_each)} each`} />
        <Figure name={<Trans>Mails, oldest</Trans>} value={span(mails.lag_seconds)} note={mails.parked > 0 ? <BadNote>{t`${count(mails.parked)} parked`}</BadNote> : t`${count(mails.pending)} waiting`} />
        <Figure
          name={<Trans>Scheduled turns</Trans>}
          value={count(schedule.count)}
          note={schedule.overdue > 0 ? <BadNote>{t`${count(schedule.overdue)} overdue, oldest ${span(schedule.lag_seconds)}`}</BadNote> : t`none overdue`}
        />
      </Figures>
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-8">
          <Backlog title={<Trans>Events by organization</Trans>} label={t`Events by organization`} lane={outbox} empty={<Trans>No event waits.</Trans>} />
          {mails.backlogs.length > 0 ? <Backlog title={<Trans>Mails by organization</Trans>} label={t`Mails by organization`} lane={mails} empty={null} /> : null}
          <Duties duties={found.duties} />
        </div>
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-8">
          <Queues broker={found.broker} />
          <Schedule schedule={schedule} />
        </div>
      </div>
    </div>
  );
}

/** For whom most waits, ten at most. */
function Backlog({ title, label, lane, empty }: { title: ReactNode; label: string; lane: WorkLane; empty: ReactNode }) {
  return (
    <Section title={title} aside={lane.backlogs.length >= 10 ? <span className="text-text-3">{t`the ten with most`}</span> : null}>
      {lane.backlogs.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">{empty}</p>
      ) : (
        <Table label={label}>
          <thead>
            <tr>
              <Th>
                <Trans>Organization</Trans>
              </Th>
              <Th numeric>
                <Trans>Waiting</Trans>
              </Th>
              <Th numeric className="pe-0!">
                <Trans>Oldest</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {lane.backlogs.map((line) => (
              <Tr key={line.organization_id}>
                <Td className="wrap-anywhere">
                  <OrganizationLink id={line.organization_id} name={line.organization_name} />
                </Td>
                <Td numeric>{count(line.pending)}</Td>
                <Td numeric className="pe-0!">
                  <Status tone={lagTone(line.lag_seconds)} className="text-text-2">
                    {span(line.lag_seconds)}
                  </Status>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Queues({ broker }: { broker: Dispatcher['broker'] }) {
  return (
    <Section
      title={<Trans>Queues of the workers</Trans>}
      aside={
        <Link to="/jobs" className="link">
          <Trans>Jobs</Trans>
        </Link>
      }
    >
      <Table label={t`Queues of the workers`}>
        <thead>
          <tr>
            <Th>
              <Trans>Queue</Trans>
            </Th>
            <Th numeric className="pe-0!">
              <Trans>Handed out, not begun</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {broker.queues.map((queue) => (
            <Tr key={queue.name}>
              <Td className="mono">{queue.name}</Td>
              <Td numeric className="pe-0!">
                {queue.pending === null ? <Status tone="failed">{t`No answer`}</Status> : count(queue.pending)}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
