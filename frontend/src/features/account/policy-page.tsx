import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { PageBody } from '@/ui/page';
import { Radio } from '@/ui/radio';
import { SkeletonText } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { type PolicyLevel, policyQuery, savePolicy, type SecurityPolicy } from './api';
import { ProofProvider, sentenceOf, useProof } from './proof';

/** Settings, Security: of whom the organization asks a second step. */
export function SecurityPolicyPage() {
  usePageTitle(t`Security`);
  const may = useCan('people.view');
  const policy = useQuery({ ...policyQuery, enabled: may });
  return (
    <PageBody>
      {!may ? (
        <Forbidden compact />
      ) : policy.data ? (
        <ProofProvider>
          <Policy policy={policy.data} />
        </ProofProvider>
      ) : policy.isError ? (
        <Failure compact error={policy.error} onRetry={() => void policy.refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Loading`}>
          <SkeletonText />
        </div>
      )}
    </PageBody>
  );
}

function levelName(level: PolicyLevel): string {
  if (level === 'owners_and_admins') return t`Owners and admins`;
  return level === 'team' ? t`The team: authors and instructors too` : t`Every member`;
}

function Policy({ policy }: { policy: SecurityPolicy }) {
  const client = useQueryClient();
  const prove = useProof();
  const mayChange = useCan('security.manage');
  const [level, setLevel] = useState<PolicyLevel>(policy.level);
  const save = useMutation({
    mutationFn: () => prove(() => savePolicy(level)),
    onSuccess: (saved) => {
      client.setQueryData(policyQuery.queryKey, saved);
      toast(t`Saved`);
    },
  });
  const reach = policy.levels.find((one) => one.level === level);
  const missing = reach ? reach.asked - reach.protected : 0;
  const problem = sentenceOf(save.error);
  return (
    <section aria-labelledby="second-step" className="max-w-[640px]">
      <h2 id="second-step" className="t-h4">
        <Trans>Second step for signing in</Trans>
      </h2>
      <p className="mt-1 mb-5 text-text-2">
        <Trans>
          A passkey or an authenticator app beside the password. Owners and admins always need one: they can change everything.
        </Trans>
      </p>
      <Radio
        label={<Trans>Who needs one</Trans>}
        value={level}
        onChange={setLevel}
        options={policy.levels.map((one) => ({
          value: one.level,
          label: levelName(one.level),
          detail: t`${one.protected} of ${one.asked} have one`,
          disabled: !mayChange,
        }))}
      />
      {level !== policy.level && missing > 0 ? (
        <Notice tone="warning" className="mt-5" title={plural(missing, { one: '# person has none yet.', other: '# people have none yet.' })}>
          <Trans>They have {policy.grace_days} days to set one up and see a reminder. After that they can do nothing else first.</Trans>
        </Notice>
      ) : null}
      {problem ? <Notice tone="danger" live title={problem} className="mt-5" /> : null}
      {mayChange ? (
        <div className="mt-5">
          <Button
            variant="primary"
            loading={save.isPending}
            {...(level === policy.level ? { disabledReason: t`Nothing has changed` } : {})}
            onClick={() => save.mutate()}
          >
            {save.isPending ? <Trans>Saving</Trans> : <Trans>Save</Trans>}
          </Button>
        </div>
      ) : (
        <Notice className="mt-5">
          <Trans>Only an owner changes this.</Trans>
        </Notice>
      )}
    </section>
  );
}
