import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Capacity } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, moment, span } from '@/features/staff-kit/age';
import { Fact, Facts } from '@/features/staff-kit/facts';
import { BadNote, Figure, Figures } from '@/features/staff-kit/figures';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { bytes } from '@/lib/size';
import { Notice } from '@/ui/notice';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { capacityQuery } from './api';
import { Connections } from './connections';
import { IdleOrganizations } from './idle-organizations';
import { POOL_TONES, poolSentence, room } from './model';

/** What the fleet takes of the machine, and who takes place without being used. */
export function CapacityPage() {
  usePageTitle(t`Capacity`);
  const found = useQuery(capacityQuery);
  return (
    <StaffPage title={<Trans>Capacity</Trans>}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        {found.isPending ? <PageSkeleton /> : found.isError ? <Failure compact error={found.error} onRetry={() => void found.refetch()} /> : <Found found={found.data} />}
        <IdleOrganizations />
      </div>
    </StaffPage>
  );
}

function Found({ found }: { found: Capacity }) {
  const { pool, connections, schemas } = found;
  const tight = room(connections) === 'look';
  const average = schemas.measured > 0 ? schemas.bytes / schemas.measured : null;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      {tight ? (
        <Notice tone="warning" className="rounded-2! py-2.5!" title={t`${count(connections.used)} of ${count(connections.limit)} connections are taken.`}>
          <Trans>When none is left, requests wait and are then put off.</Trans>
        </Notice>
      ) : null}
      <Figures>
        <Figure name={<Trans>Warm schemas</Trans>} value={count(pool.ready)} note={pool.ready < pool.target ? <BadNote>{t`of ${count(pool.target)} wanted`}</BadNote> : t`of ${count(pool.target)} wanted`} />
        <Figure name={<Trans>Handed out in an hour</Trans>} value={count(pool.taken_last_hour)} note={t`${count(pool.built_last_hour)} built`} />
        <Figure name={<Trans>Connections</Trans>} value={count(connections.used)} note={t`of ${count(connections.limit)}`} />
        <Figure name={<Trans>All schemas</Trans>} value={bytes(schemas.bytes)} note={t`${count(schemas.measured)} of ${count(schemas.organizations)} measured`} />
        <Figure name={<Trans>A schema, on average</Trans>} value={average === null ? '–' : bytes(average)} note={t`measured once a day`} />
      </Figures>
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="min-w-0">
          <Connections connections={connections} />
        </div>
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-8">
          <WarmPool pool={pool} />
          <Limits limits={found.limits} />
        </div>
      </div>
    </div>
  );
}

function WarmPool({ pool }: { pool: Capacity['pool'] }) {
  const words = t`${count(pool.ready)} of ${count(pool.target)}`;
  return (
    <Section title={<Trans>Warm pool</Trans>}>
      <div className="grid gap-2 border-t border-line py-2.5">
        <Status tone={POOL_TONES[pool.state]} className="whitespace-normal!">
          {poolSentence(pool)}
        </Status>
        <Progress height={6} value={pool.target > 0 ? pool.ready / pool.target : 1} label={t`Warm schemas ready`} valueText={words} />
      </div>
      <Facts>
        <Fact name={<Trans>Wanted</Trans>}>{t`${count(pool.target)}, from ${count(pool.floor)} to ${count(pool.ceiling)}`}</Fact>
        <Fact name={<Trans>Busiest ten minutes</Trans>}>{count(pool.busiest_ten_minutes)}</Fact>
        <Fact name={<Trans>Built this hour</Trans>}>{t`${count(pool.built_last_hour)} of ${count(pool.cap_an_hour)}`}</Fact>
        <Fact name={<Trans>Last built</Trans>}>{pool.last_built_at ? moment(pool.last_built_at) : '–'}</Fact>
        {pool.outdated > 0 ? <Fact name={<Trans>Of an older release</Trans>}>{t`${count(pool.outdated)}, dropped soon`}</Fact> : null}
      </Facts>
    </Section>
  );
}

function rateWord(name: string): string {
  switch (name) {
    case 'organization':
      return t`Requests of an organization`;
    case 'person':
      return t`Requests of a member`;
    case 'visitor':
      return t`Requests of a visitor`;
    case 'address':
      return t`Requests of an address`;
    case 'sign-in':
      return t`Tries to sign in`;
    default:
      return spaced(name);
  }
}

function Limits({ limits }: { limits: Capacity['limits'] }) {
  return (
    <Section title={<Trans>Limits in force</Trans>}>
      <Facts>
        <Fact name={<Trans>A connection lives</Trans>}>
          {limits.connection_tenants > 0
            ? t`${span(limits.connection_max_age_seconds)}, or ${count(limits.connection_tenants)} organizations`
            : span(limits.connection_max_age_seconds)}
        </Fact>
        <Fact name={<Trans>Threads for one organization</Trans>}>{`${limits.web_share_percent}\u00a0%`}</Fact>
        <Fact name={<Trans>Work of one before others go first</Trans>}>{t`${limits.web_steady_percent}\u00a0% of a process`}</Fact>
        {limits.rates.map((rate) => (
          <Fact key={rate.name} name={rateWord(rate.name)}>{t`${count(rate.quota)} in ${span(rate.window_seconds)}`}</Fact>
        ))}
      </Facts>
    </Section>
  );
}
