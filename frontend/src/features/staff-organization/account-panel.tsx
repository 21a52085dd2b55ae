import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import type { OrganizationDetail } from '@/api/staff';
import { count, moment, span } from '@/features/staff-kit/age';
import { Health } from '@/features/staff-kit/health';
import { Section } from '@/features/staff-kit/page';
import { spaced, stateWord } from '@/features/staff-kit/words';
import { bytes } from '@/lib/size';
import { day } from '@/lib/time';
import { Progress } from '@/ui/progress';
import { Status, type StatusTone } from '@/ui/status';

/** Facts about the account: plan, owners, domains, schema, queue. */
export function AccountPanel({ detail }: { detail: OrganizationDetail }) {
  const { organization, owners, domains, schema, queue } = detail;
  const release = schema.release === null ? null : String(schema.release).padStart(4, '0');
  const behind = (schema.current ?? 0) - (schema.release ?? 0);
  return (
    <Section title={<Trans>Account</Trans>}>
      <dl>
        <Fact name={<Trans>Plan</Trans>}>
          {detail.plan_name}
          {detail.stripe_customer ? <span className="block mono text-text-3">{detail.stripe_customer}</span> : null}
        </Fact>
        <Fact name={<Trans>Health</Trans>}>
          <Health score={detail.health.score} words={detail.health.reasons.join(', ')} />
        </Fact>
        <Fact name={<Trans>Since</Trans>}>{day(organization.created_at)}</Fact>
        <Fact name={stateWord(organization.state)}>{t`since ${moment(detail.state_since)}`}</Fact>
        {organization.delete_after ? <Fact name={<Trans>Deleted on</Trans>}>{moment(organization.delete_after)}</Fact> : null}
        <Fact name={owners?.length === 1 ? <Trans>Owner</Trans> : <Trans>Owners</Trans>}>
          {owners === null ? <span className="text-text-3">{t`Not readable in this state`}</span> : owners.length === 0 ? '–' : null}
          {owners?.map((owner) => (
            <span key={owner.id} className="block min-w-0">
              <bdi className="block truncate">{owner.name}</bdi>
              <a href={`mailto:${owner.email}`} className="block truncate text-text-3 hover:text-text">
                {owner.email}
              </a>
            </span>
          ))}
        </Fact>
        <Fact name={<Trans>Cell</Trans>}>
          <span className="mono">{organization.cell}</span>
        </Fact>
        <Fact name={<Trans>Schema</Trans>}>
          {release === null ? '–' : <span className="mono">{release}</span>}
          {release !== null && behind > 0 ? <span className="ms-2 font-semibold text-warning-text">{t`${behind} behind`}</span> : null}
        </Fact>
        <Fact name={<Trans>Queue</Trans>}>
          <Status tone={queue.parked > 0 ? 'failed' : queue.oldest_seconds > 60 ? 'look' : 'fine'} className="whitespace-normal!">
            {queue.parked > 0
              ? plural(queue.parked, { one: '# parked', other: '# parked' })
              : queue.pending === 0
                ? t`Empty`
                : t`${count(queue.pending)} waiting, oldest ${span(queue.oldest_seconds)}`}
          </Status>
        </Fact>
      </dl>
      <h2 className="mt-6 mb-2 font-sans text-[13px] leading-[18px] font-semibold">
        <Trans>Domains</Trans>
      </h2>
      <ul>
        {domains.map((domain) => (
          <li key={domain.host} className="flex items-center justify-between gap-3 border-t border-line py-1.5">
            <span className="min-w-0">
              <span className="block mono break-all">{domain.host}</span>
              {domain.is_primary ? <span className="text-text-3">{t`Primary`}</span> : null}
            </span>
            <Status tone={DOMAIN_TONES[domain.state] ?? 'off'}>{spaced(domain.state)}</Status>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const DOMAIN_TONES: Record<string, StatusTone> = {
  active: 'fine',
  redirecting: 'fine',
  pending: 'running',
  verifying: 'running',
  verified: 'running',
  failed: 'failed',
  broken: 'look',
  quarantined: 'off',
  disabled: 'off',
};

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[84px_minmax(0,1fr)] gap-2 border-t border-line py-1.5">
      <dt className="text-text-3">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

/** What is used, against its limit where there is one. */
export function UsagePanel({ usage }: { usage: OrganizationDetail['usage'] }) {
  const share = usage.limit_bytes ? usage.storage_bytes / usage.limit_bytes : null;
  const stored = usage.limit_bytes ? t`${bytes(usage.storage_bytes)} of ${bytes(usage.limit_bytes)}` : bytes(usage.storage_bytes);
  const hours = Math.round(usage.minutes / 60);
  return (
    <Section title={<Trans>Usage</Trans>}>
      {share === null ? null : (
        <Progress
          value={share}
          label={t`Stored`}
          valueText={stored}
          className="mb-2"
          caption={
            <div className="mb-1.5 flex justify-between gap-3">
              <span>
                <Trans>Stored</Trans>
              </span>
              <span className="text-text-2">{stored}</span>
            </div>
          }
        />
      )}
      <dl>
        {share === null ? <Figure name={<Trans>Stored</Trans>} value={stored} /> : null}
        <Figure name={<Trans>Members</Trans>} value={count(usage.members)} />
        <Figure name={<Trans>Courses</Trans>} value={count(usage.courses)} />
        <Figure name={<Trans>Enrollments</Trans>} value={count(usage.enrollments)} />
        <Figure name={<Trans>Film</Trans>} value={usage.minutes < 120 ? `${count(usage.minutes)}\u00a0min` : `${count(hours)}\u00a0h`} />
      </dl>
    </Section>
  );
}

function Figure({ name, value }: { name: ReactNode; value: string }) {
  return (
    <div className="flex justify-between gap-3 border-t border-line py-1.5">
      <dt>{name}</dt>
      <dd className="text-text-2 tabular-nums">{value}</dd>
    </div>
  );
}
