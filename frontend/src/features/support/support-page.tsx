import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ApiError } from '@/api/errors';
import type { SupportGrant } from '@/api/types';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan } from '@/lib/permissions';
import { moment } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { PageBody } from '@/ui/page';
import { Radio } from '@/ui/radio';
import { Skeleton } from '@/ui/skeleton';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { answerGrant, chooseMode, supportQuery, type SupportMode } from './api';

/** Settings, Support access: whether support may look in, who does now, and who did. */
export function SupportPage() {
  usePageTitle(t`Support access`);
  const may = useCan('support_access.view');
  const decides = useCan('support_access.manage');
  const found = useQuery({ ...supportQuery, enabled: may });
  return (
    <PageBody>
      {!may ? (
        <Forbidden compact />
      ) : found.data ? (
        <div className="grid max-w-[920px] gap-10">
          <Switchboard mode={found.data.mode} decides={decides} />
          <Open grants={found.data.items.filter((grant) => grant.state !== 'ended')} decides={decides} />
          <Past grants={found.data.items.filter((grant) => grant.state === 'ended')} />
        </div>
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid max-w-[920px] gap-4">
          <Skeleton className="h-6 w-52" />
          {[0, 1, 2].map((row) => (
            <Skeleton key={row} className="h-12 w-full max-w-[520px]" />
          ))}
          <Skeleton className="mt-8 h-20 w-full" />
        </div>
      )}
    </PageBody>
  );
}

function Switchboard({ mode, decides }: { mode: SupportMode; decides: boolean }) {
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: chooseMode,
    onSuccess: (answer) => {
      client.setQueryData(supportQuery.queryKey, answer);
      toast(t`Saved`);
    },
  });
  return (
    <section aria-labelledby="support-mode" className="grid gap-3">
      <div>
        <h2 id="support-mode" className="t-h4">
          <Trans>May support look in?</Trans>
        </h2>
        <p className="mt-1 max-w-[640px] text-text-2">
          <Trans>
            Support gives a reason, stays an hour at most and changes nothing unless they ask for it. They never reach
            passwords, billing, exports or keys. Everything they open stands in your audit.
          </Trans>
        </p>
      </div>
      <Radio<SupportMode>
        label={t`May support look in?`}
        hideLabel
        value={send.isPending ? send.variables : mode}
        onChange={(next) => send.mutate(next)}
        options={[
          {
            value: 'open',
            disabled: !decides,
            label: <Trans>Yes, and tell us</Trans>,
            detail: <Trans>Owners get a mail when support comes in and when they leave.</Trans>,
          },
          {
            value: 'ask',
            disabled: !decides,
            label: <Trans>Ask us each time</Trans>,
            detail: <Trans>Nothing opens until an owner agrees here.</Trans>,
          },
          {
            value: 'off',
            disabled: !decides,
            label: <Trans>No</Trans>,
            detail: <Trans>Ends what is open now. Help may take longer.</Trans>,
          },
        ]}
      />
      {decides ? null : (
        <p className="t-sm text-text-3">
          <Trans>Only owners choose.</Trans>
        </p>
      )}
      {send.error ? (
        <Notice tone="danger" live title={<Trans>Nothing was changed.</Trans>}>
          {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
        </Notice>
      ) : null}
    </section>
  );
}

function Open({ grants, decides }: { grants: readonly SupportGrant[]; decides: boolean }) {
  return (
    <section aria-labelledby="support-now">
      <h2 id="support-now" className="t-h4">
        <Trans>Now</Trans>
      </h2>
      {grants.length === 0 ? (
        <p className="mt-3 border-t border-line pt-4 text-text-3">
          <Trans>Nobody looks in.</Trans>
        </p>
      ) : (
        <ul className="mt-3 border-t border-line">
          {grants.map((grant) => (
            <OpenGrant key={grant.id} grant={grant} decides={decides} />
          ))}
        </ul>
      )}
    </section>
  );
}

function OpenGrant({ grant, decides }: { grant: SupportGrant; decides: boolean }) {
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: (answer: 'approval' | 'refusal' | 'end') => answerGrant(grant.id, answer),
    onSettled: () => client.invalidateQueries({ queryKey: supportQuery.queryKey }),
  });
  const waits = grant.state === 'awaiting_consent';
  return (
    <li className="grid gap-3 border-b border-line py-4 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <bdi className="font-medium">{grant.staff}</bdi>
          <Status tone={waits ? 'look' : 'running'}>
            {waits ? (
              <Trans>Asks for {grant.minutes} min</Trans>
            ) : (
              <Trans>Until {moment(grant.expires_at)}</Trans>
            )}
          </Status>
          <Reach scope={grant.scope} />
        </p>
        <Why grant={grant} />
        {send.error ? (
          <p role="alert" className="mt-1 t-sm text-danger-text">
            {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
          </p>
        ) : null}
      </div>
      {decides ? (
        <div className="flex flex-wrap gap-2">
          {waits ? (
            <>
              <Button loading={send.isPending && send.variables === 'refusal'} onClick={() => send.mutate('refusal')}>
                <Trans>Refuse</Trans>
              </Button>
              <Button
                variant="primary"
                loading={send.isPending && send.variables === 'approval'}
                onClick={() => send.mutate('approval')}
              >
                <Trans>Agree</Trans>
              </Button>
            </>
          ) : (
            <Button variant="danger" loading={send.isPending} onClick={() => send.mutate('end')}>
              <Trans>End it</Trans>
            </Button>
          )}
        </div>
      ) : null}
    </li>
  );
}

function Past({ grants }: { grants: readonly SupportGrant[] }) {
  if (grants.length === 0) return null;
  return (
    <section aria-labelledby="support-past">
      <div className="flex flex-wrap items-baseline justify-between gap-3">
        <h2 id="support-past" className="t-h4">
          <Trans>Before</Trans>
        </h2>
        <Link to="/studio/settings/audit" search={{ support: '1' }} className="t-sm font-medium text-link underline underline-offset-3">
          <Trans>What support did, in the audit</Trans>
        </Link>
      </div>
      <ul className="mt-3 border-t border-line">
        {grants.map((grant) => (
          <li key={grant.id} className="border-b border-line py-3">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <bdi className="font-medium">{grant.staff}</bdi>
              <span className="text-text-2">{moment(grant.starts_at ?? grant.requested_at)}</span>
              <span className="text-text-3">{endOf(grant)}</span>
              <Reach scope={grant.scope} />
            </p>
            <Why grant={grant} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reach({ scope }: { scope: SupportGrant['scope'] }) {
  return scope === 'write' ? (
    <Badge tone="warning">
      <Trans>Reads and changes</Trans>
    </Badge>
  ) : (
    <Badge>
      <Trans>Reads only</Trans>
    </Badge>
  );
}

function Why({ grant }: { grant: SupportGrant }) {
  return (
    <p className="mt-1 max-w-[640px] text-text-2 wrap-anywhere">
      {grant.reason} <span className="text-text-3">{grant.ticket}</span>
    </p>
  );
}

function endOf(grant: SupportGrant): string {
  switch (grant.end_reason) {
    case 'owner':
      return t`Ended by an owner`;
    case 'refused':
      return t`Refused`;
    case 'expired':
      return grant.starts_at ? t`Its time was over` : t`Nobody answered`;
    case 'killed':
      return t`Ended for everybody`;
    default:
      return t`Left`;
  }
}
