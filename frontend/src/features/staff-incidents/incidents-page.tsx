import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { ExternalLink, Siren } from 'lucide-react';
import { useState } from 'react';
import type { Incident, PublicStatus } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { ago, moment } from '@/features/staff-kit/age';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { boot } from '@/lib/boot';
import { useCan } from '@/lib/permissions';
import { Button, buttonClass } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Status } from '@/ui/status';
import { incidentsQuery, statusQuery } from './api';
import { CorrectDialog } from './correct-dialog';
import { impactWord, partWord, publicTone, publicWord, saidWord, standingOf } from './model';
import { NewIncidentDialog } from './new-incident-dialog';
import { SayDialog } from './say-dialog';

/** What the public page says, and what staff tell on it. */
export function IncidentsPage() {
  usePageTitle(t`Incidents`);
  const may = useCan('operations.act');
  const [making, setMaking] = useState(false);
  const [said, setSaid] = useState<Incident | null>(null);
  const [corrected, setCorrected] = useState<Incident | null>(null);
  const found = useQuery(incidentsQuery);
  const rows = found.data?.items ?? [];
  const open = rows.filter((one) => standingOf(one) !== 'over');
  const over = rows.filter((one) => standingOf(one) === 'over');
  const list = (some: readonly Incident[]) => (
    <ul className="grid">
      {some.map((one) => (
        <Row key={one.id} one={one} mayChange={may} onSay={() => setSaid(one)} onCorrect={() => setCorrected(one)} />
      ))}
    </ul>
  );
  return (
    <StaffPage
      title={<Trans>Incidents</Trans>}
      actions={
        <>
          <a href={`${boot().site_url}/status`} target="_blank" rel="noreferrer" className={buttonClass('ghost', 'md')}>
            <Icon as={ExternalLink} />
            <Trans>The public page</Trans>
          </a>
          <Button variant="primary" icon={<Icon as={Siren} />} onClick={() => setMaking(true)} {...(may ? {} : { disabledReason: t`For the operations role.` })}>
            <Trans>Tell of an incident</Trans>
          </Button>
        </>
      }
    >
      <div className="grid max-w-[900px] gap-9">
        <PublicParts />
        {found.isPending ? (
          <RowsSkeleton rows={4} />
        ) : found.isError ? (
          <Failure compact error={found.error} onRetry={() => void found.refetch()} />
        ) : rows.length === 0 ? (
          <Empty title={<Trans>Nothing was ever told</Trans>}>
            <Trans>When people notice something, tell them what you know. It is public at once.</Trans>
          </Empty>
        ) : (
          <>
            {open.length > 0 ? <Section title={<Trans>Going on, and planned</Trans>}>{list(open)}</Section> : null}
            {over.length > 0 ? <Section title={<Trans>Over</Trans>}>{list(over)}</Section> : null}
          </>
        )}
      </div>
      {making ? <NewIncidentDialog onClose={() => setMaking(false)} /> : null}
      {said ? <SayDialog incident={said} onClose={() => setSaid(null)} /> : null}
      {corrected ? <CorrectDialog incident={corrected} onClose={() => setCorrected(null)} /> : null}
    </StaffPage>
  );
}

function PublicParts() {
  const found = useQuery(statusQuery);
  if (found.isPending) return <RowsSkeleton rows={2} />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  const { parts, checked_at } = found.data;
  return (
    <Section
      title={<Trans>What the public sees</Trans>}
      aside={<span className="text-text-3">{checked_at === null ? t`never checked` : t`last check: ${ago(checked_at)}`}</span>}
    >
      <ul className="border-t border-line-2">
        {parts.map((part) => (
          <Part key={part.key} part={part} />
        ))}
      </ul>
    </Section>
  );
}

function Part({ part }: { part: PublicStatus['parts'][number] }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-5 gap-y-1 border-b border-line py-2.5">
      <span className="max-sm:basis-full">{partWord(part.key)}</span>
      <span className="flex items-center gap-5 text-text-2">
        {part.good_permille === null ? null : <span className="tabular-nums">{t`${(part.good_permille / 10).toFixed(1)} % in ninety days`}</span>}
        <Status tone={publicTone(part.state)} className="min-w-36">
          {publicWord(part.state)}
        </Status>
      </span>
    </li>
  );
}

interface RowProps {
  one: Incident;
  mayChange: boolean;
  onSay: () => void;
  onCorrect: () => void;
}

function Row({ one, mayChange, onSay, onCorrect }: RowProps) {
  const standing = standingOf(one);
  const when = one.resolved_at === null ? moment(one.started_at) : t`${moment(one.started_at)} to ${moment(one.resolved_at)}`;
  return (
    <li className="grid gap-2.5 border-t border-line py-4 first:border-line-2">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1 text-text-2">
        <Status tone={standing === 'over' ? 'off' : standing === 'planned' || one.impact === 'maintenance' ? 'running' : one.impact === 'outage' ? 'failed' : 'look'} className="font-medium text-text">
          {standing === 'over' ? t`Over` : standing === 'planned' ? t`Planned` : impactWord(one.impact)}
        </Status>
        <span>{when}</span>
        <span>{one.parts.map(partWord).join(', ')}</span>
        {mayChange ? (
          <span className="ms-auto flex gap-2">
            <Button size="sm" className="pointer-coarse:h-11!" aria-label={t`Correct “${one.title}”`} onClick={onCorrect}>
              <Trans>Correct</Trans>
            </Button>
            <Button size="sm" variant={standing === 'over' ? 'secondary' : 'primary'} className="pointer-coarse:h-11!" aria-label={t`Say more about “${one.title}”`} onClick={onSay}>
              <Trans>Say more</Trans>
            </Button>
          </span>
        ) : null}
      </div>
      <h3 className="font-sans t-base font-[580] [overflow-wrap:anywhere]">{one.title}</h3>
      <ol className="grid gap-2">
        {one.updates.map((said) => (
          <li key={said.id} className="grid gap-0.5 sm:grid-cols-[210px_1fr] sm:gap-4">
            <span className="text-text-3">
              {saidWord(said.state)}, {moment(said.at)}
            </span>
            <span className="whitespace-pre-line [overflow-wrap:anywhere]">{said.body}</span>
          </li>
        ))}
      </ol>
    </li>
  );
}
