import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Pause, Play, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { Release } from '@/api/staff';
import { ago, count, moment } from '@/features/staff-kit/age';
import { Breaks } from '@/features/staff-kit/breaks';
import { useCan } from '@/lib/permissions';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { Track } from '@/ui/track';
import { type ReleaseAct, ReleaseActDialog } from './acts';
import { progressSentence, releaseName, releaseTone, releaseWord, rings, ringWord, type RowState, since, steps, type Tally, totals, track } from './model';
import { ReleaseOrganizations } from './release-organizations';

interface ReleasePanelProps {
  release: Release;
  /** Which organizations are listed; undefined: those that failed, if any. */
  state: RowState | undefined;
  onState: (state: RowState) => void;
}

/** One release: how far it is, why it is held, who failed, and what can be done about it. */
export function ReleasePanel({ release, state, onState }: ReleasePanelProps) {
  const [act, setAct] = useState<ReleaseAct | null>(null);
  const name = releaseName(release.number);
  const found = rings(release);
  const at = since(release);
  return (
    <section aria-label={t`Release ${name}`} className="grid gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-sans text-[16px] leading-[22px] font-semibold wrap-anywhere">
          <span className="mono text-[15px]">{name}</span>
          {release.name}
          {release.is_current ? (
            <Badge>
              <Trans>this code</Trans>
            </Badge>
          ) : null}
        </h2>
        <Status tone={releaseTone(release)} className="font-medium">
          {releaseWord(release.state)}
        </Status>
        {at ? (
          <span className="text-text-3">
            <time dateTime={at}>{release.state === 'waiting' ? t`recorded ${moment(at)}` : t`since ${moment(at)}`}</time>
          </span>
        ) : null}
        <Acts release={release} onAct={setAct} />
      </div>
      <Held release={release} />
      <div className="grid gap-2">
        {found.length > 0 ? <Track segments={track(release)} height={8} label={progressSentence(release)} /> : null}
        <p aria-live="polite" className="text-text-2">
          {progressSentence(release)} <RunnerWords release={release} />
        </p>
      </div>
      {found.length > 0 || release.data_steps.length > 0 ? (
        <div className="grid gap-x-10 gap-y-6 xl:grid-cols-2">
          {found.length > 0 ? <Tallies label={t`Rings of ${name}`} names={<Trans>Ring</Trans>} rows={found.map(({ ring, tally }) => ({ key: ring, name: ringWord(ring), tally, now: release.state === 'running' && release.ring === ring }))} /> : null}
          {release.data_steps.length > 0 ? (
            <Tallies
              label={t`Data steps of ${name}`}
              names={<Trans>Data step behind it</Trans>}
              rows={steps(release).map(({ name: step, tally }) => ({ key: step, name: <span className="mono wrap-anywhere"><Breaks name={step} /></span>, tally, now: false }))}
            />
          ) : null}
        </div>
      ) : null}
      <ReleaseOrganizations release={release} tally={totals(release)} state={state} onState={onState} onRetry={(row) => setAct({ what: 'retry-one', row })} />
      {act ? <ReleaseActDialog release={release} act={act} onClose={() => setAct(null)} /> : null}
    </section>
  );
}

function Acts({ release, onAct }: { release: Release; onAct: (act: ReleaseAct) => void }) {
  const may = useCan('operations.act');
  if (!may) {
    return release.state === 'done' && release.failed === 0 ? null : (
      <span className="ms-auto text-text-3">
        <Trans>Steered by the operations role.</Trans>
      </span>
    );
  }
  const held = release.state === 'paused' || release.state === 'stopped';
  return (
    <span className="ms-auto flex flex-wrap gap-2 max-sm:ms-0 max-sm:w-full max-sm:*:flex-1">
      {release.failed > 0 ? (
        <Button className="pointer-coarse:h-11!" icon={<Icon as={RotateCw} size={14} />} onClick={() => onAct({ what: 'retry' })}>
          {plural(release.failed, { one: 'Try # again…', other: 'Try all # again…' })}
        </Button>
      ) : null}
      {release.state === 'running' || release.state === 'waiting' ? (
        <Button className="pointer-coarse:h-11!" icon={<Icon as={Pause} size={14} />} onClick={() => onAct({ what: 'pause' })}>
          <Trans>Pause…</Trans>
        </Button>
      ) : null}
      {held ? (
        <Button variant="primary" className="pointer-coarse:h-11!" icon={<Icon as={Play} size={14} />} onClick={() => onAct({ what: 'resume' })}>
          <Trans>Go on…</Trans>
        </Button>
      ) : null}
    </span>
  );
}

/** Why nothing goes on, first of all. */
function Held({ release }: { release: Release }) {
  if (release.state === 'waiting') {
    return (
      <Notice className="rounded-2!" title={release.started_at ? t`It waits for the next ring to be asked for.` : t`Nobody has begun it.`}>
        <Trans>
          Whoever has the owning login runs <code className="mono wrap-anywhere">manage.py migrate_fleet</code>; how far it is shows here.
        </Trans>
      </Notice>
    );
  }
  if (release.state === 'stopped' || release.state === 'paused') {
    return (
      <Notice tone={release.state === 'stopped' ? 'danger' : 'warning'} className="rounded-2!" title={release.state === 'stopped' ? t`It stopped by itself.` : t`Somebody paused it.`}>
        <span className="wrap-anywhere">{release.reason}</span>
        <span className="mt-1 block text-text-2">
          <Trans>Everybody is served meanwhile, with this release or the one before.</Trans>
        </span>
      </Notice>
    );
  }
  return null;
}

function RunnerWords({ release }: { release: Release }) {
  if (release.is_running) return <Trans>A runner is at it.</Trans>;
  if (release.state !== 'running' || !release.seen_at) return null;
  const silent = ago(release.seen_at);
  return (
    <span className="font-medium text-warning-text">
      <Trans>
        No runner has been heard of for {silent}: <code className="mono">manage.py migrate_fleet</code> takes it up where it stopped.
      </Trans>
    </span>
  );
}

interface TalliesProps {
  label: string;
  names: React.ReactNode;
  rows: readonly { key: string; name: React.ReactNode; tally: Tally; now: boolean }[];
}

function Tallies({ label, names, rows }: TalliesProps) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>{names}</Th>
          <Th numeric>
            <Trans>Done</Trans>
          </Th>
          <Th numeric>
            <Trans>Waiting</Trans>
          </Th>
          <Th numeric className="pe-0!">
            <Trans>Failed</Trans>
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, tally, now }) => (
          <Tr key={key}>
            <Td>{now || tally.running > 0 ? <Status tone="running">{name}</Status> : name}</Td>
            <Td numeric className="whitespace-nowrap">
              {t`${count(tally.done)} of ${count(tally.total)}`}
            </Td>
            <Td numeric className="text-text-2">
              {count(tally.pending + tally.running)}
            </Td>
            <Td numeric className={tally.failed > 0 ? 'pe-0! font-semibold text-danger-text' : 'pe-0! text-text-3'}>
              {count(tally.failed)}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
