import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Fleet } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, span } from '@/features/staff-kit/age';
import { BadNote, Figure, Figures } from '@/features/staff-kit/figures';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { bytes } from '@/lib/size';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { fleetQuery } from './api';
import { FleetSquares, LargestBars, ReleaseBars, SignUps } from './charts';
import { FleetErrors } from './fleet-errors';
import { queueTone, trouble } from './model';

/** The whole platform at a glance: who is there, what waits, what failed. */
export function FleetPage() {
  usePageTitle(t`Fleet`);
  const fleet = useQuery(fleetQuery);
  const total = fleet.data?.organizations.total ?? 0;
  return (
    <StaffPage title={<Trans>Fleet</Trans>} aside={fleet.data ? plural(total, { one: '# organization', other: '# organizations' }) : null}>
      {fleet.isPending ? <PageSkeleton /> : fleet.isError ? <Failure compact error={fleet.error} onRetry={() => void fleet.refetch()} /> : <Found fleet={fleet.data} />}
    </StaffPage>
  );
}

function Found({ fleet }: { fleet: Fleet }) {
  const found = trouble(fleet);
  return (
    <div className="grid gap-6">
      {found.length > 0 ? (
        <Notice tone="warning" title={found[0]?.words} className="rounded-2! py-2.5!">
          {found.slice(1).map((one) => `${one.words} `)}
        </Notice>
      ) : null}
      <Numbers fleet={fleet} />
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="grid min-w-0 content-start gap-8">
          <FleetSquares organizations={fleet.organizations} />
          <SignUps days={fleet.sign_ups_per_day} />
          <LargestBars rows={fleet.largest} />
        </div>
        <div className="grid min-w-0 content-start gap-8">
          <ReleaseBars releases={fleet.releases} current={fleet.current_release} />
          <Queues queues={fleet.queues} />
          <FleetErrors errors={fleet.errors} />
        </div>
      </div>
    </div>
  );
}

function Numbers({ fleet }: { fleet: Fleet }) {
  const week = fleet.sign_ups_per_day.slice(-7).reduce((sum, day) => sum + day.count, 0);
  const { transcodes, outbox } = fleet;
  return (
    <Figures>
      <Figure name={<Trans>Active organizations</Trans>} value={count(fleet.organizations.by_state['active'] ?? 0)} note={t`of ${count(fleet.organizations.total)}`} />
      <Figure name={<Trans>Members</Trans>} value={count(fleet.members)} note={plural(week, { one: '# sign-up in 7 days', other: '# sign-ups in 7 days' })} />
      <Figure name={<Trans>Stored</Trans>} value={bytes(fleet.storage_bytes)} note={t`${count(Math.round(fleet.film_minutes / 60))}\u00a0h of film`} />
      <Figure
        name={<Trans>Films in work</Trans>}
        value={count(transcodes.running)}
        note={transcodes.failed_24h > 0 ? <BadNote>{t`${count(transcodes.failed_24h)} failed in 24 h`}</BadNote> : t`${count(transcodes.waiting)} waiting`}
      />
      <Figure
        name={<Trans>Events, oldest</Trans>}
        value={span(outbox.lag_seconds)}
        note={outbox.parked > 0 ? <BadNote>{t`${count(outbox.parked)} parked`}</BadNote> : t`${count(outbox.pending)} waiting`}
      />
    </Figures>
  );
}

function Queues({ queues }: { queues: Fleet['queues'] }) {
  return (
    <Section
      title={<Trans>Queues</Trans>}
      aside={
        <Link to="/jobs" className="link">
          <Trans>Jobs</Trans>
        </Link>
      }
    >
      <Table label={t`Queues`}>
        <thead>
          <tr>
            <Th>
              <Trans>Queue</Trans>
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
          {queues.map((queue) => (
            <Tr key={queue.name}>
              <Td className="mono">{queue.name}</Td>
              <Td numeric>{queue.pending === null ? '–' : count(queue.pending)}</Td>
              <Td numeric className="pe-0!">
                <QueueState queue={queue} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function QueueState({ queue }: { queue: Fleet['queues'][number] }) {
  if (queue.pending === null) return <Status tone="failed">{t`No answer`}</Status>;
  return (
    <Status tone={queue.pending === 0 ? 'fine' : queueTone(queue.oldest_seconds)} className="text-text-2">
      {queue.pending === 0 ? t`Empty` : span(queue.oldest_seconds)}
    </Status>
  );
}
