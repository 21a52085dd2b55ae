import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, RotateCw, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { day } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { SkeletonText } from '@/ui/skeleton';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { AccountFrame, AccountSection } from './account-frame';
import { AddAppDialog, AddPasskeyDialog } from './add-factor';
import { agoInline } from './ago';
import { accountKeys, refreshStanding, renewCodes, type Security, securityQuery } from './api';
import { PasswordSection } from './password-section';
import { RemoveFactor, RenamePasskey } from './factor-dialogs';
import { sentenceOf, useProof } from './proof';
import { CodesDialog } from './recovery-codes';
import { SessionsSection } from './sessions-section';

/** How one gets in: second step, password, and where one is signed in. */
export function SecurityPage() {
  usePageTitle(t`Security`);
  return (
    <AccountFrame>
      <SecurityParts />
    </AccountFrame>
  );
}

function SecurityParts() {
  const security = useQuery(securityQuery);
  if (security.isPending) {
    return (
      <div role="status" aria-busy="true" aria-label={t`Loading`}>
        <SkeletonText />
      </div>
    );
  }
  if (security.isError) return <Failure compact error={security.error} onRetry={() => void security.refetch()} />;
  return (
    <>
      <SecondStep security={security.data} />
      <PasswordSection hasPassword={security.data.has_password} />
      <SessionsSection />
    </>
  );
}

type Open =
  | { kind: 'app' }
  | { kind: 'passkey' }
  | { kind: 'codes'; codes: readonly string[] }
  | { kind: 'remove'; what: 'app' | { id: number; name: string } }
  | { kind: 'rename'; id: number; name: string };

function SecondStep({ security }: { security: Security }) {
  const client = useQueryClient();
  const prove = useProof();
  const [open, setOpen] = useState<Open | null>(null);
  const changed = () => {
    void client.invalidateQueries({ queryKey: accountKeys.security });
    void refreshStanding();
  };
  const added = (codes: readonly string[]) => {
    changed();
    setOpen(codes.length > 0 ? { kind: 'codes', codes } : null);
    if (codes.length === 0) toast(t`Set up. It is asked the next time you sign in.`);
  };
  const renew = useMutation({
    mutationFn: () => prove(renewCodes),
    onSuccess: (codes) => {
      changed();
      setOpen({ kind: 'codes', codes });
    },
  });
  const { app, passkeys, recovery_codes: codes } = security;
  const problem = sentenceOf(renew.error);
  const few = codes !== null && codes.left <= 2;
  return (
    <>
      <AccountSection
        title={<Trans>Second step</Trans>}
        lead={<Trans>Beside your password, something only you hold. A stolen password alone then opens nothing.</Trans>}
        action={<Standing security={security} />}
      >
        <ul className="grid empty:hidden">
          {passkeys.map((passkey) => (
            <li key={passkey.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-3 first:border-t-0">
              <Icon as={KeyRound} className="text-text-2" />
              <div className="min-w-[180px] flex-1">
                <p className="truncate font-medium">
                  <bdi>{passkey.name}</bdi>
                </p>
                <p className="t-xs text-text-3 wrap-anywhere">
                  {passkey.works_here ? (
                    passkey.last_used_at ? (
                      <Trans>Passkey · last used {agoInline(passkey.last_used_at)}</Trans>
                    ) : (
                      <Trans>Passkey · added {day(passkey.created_at)}</Trans>
                    )
                  ) : (
                    <Trans>Passkey for {passkey.host}: it does not work at this address</Trans>
                  )}
                </p>
              </div>
              <div className="ms-auto flex">
                <Button
                  size="sm"
                  variant="ghost"
                  className="pointer-coarse:h-11!"
                  onClick={() => setOpen({ kind: 'rename', id: passkey.id, name: passkey.name })}
                >
                  <Trans>Rename</Trans>
                </Button>
                <Button
                  size="sm"
                  variant="ghost"
                  className="pointer-coarse:h-11!"
                  onClick={() => setOpen({ kind: 'remove', what: { id: passkey.id, name: passkey.name } })}
                >
                  <Trans>Remove</Trans>
                </Button>
              </div>
            </li>
          ))}
          {app ? (
            <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-3 first:border-t-0">
              <Icon as={Smartphone} className="text-text-2" />
              <div className="min-w-[180px] flex-1">
                <p className="font-medium">
                  <Trans>Authenticator app</Trans>
                </p>
                <p className="t-xs text-text-3">
                  {app.last_used_at ? <Trans>Last used {agoInline(app.last_used_at)}</Trans> : <Trans>Set up {day(app.created_at)}</Trans>}
                </p>
              </div>
              <Button size="sm" variant="ghost" onClick={() => setOpen({ kind: 'remove', what: 'app' })}>
                <Trans>Remove</Trans>
              </Button>
            </li>
          ) : null}
        </ul>
        <div className="mt-3 flex flex-wrap gap-2">
          {'PublicKeyCredential' in window ? (
            <Button icon={<Icon as={Plus} />} onClick={() => setOpen({ kind: 'passkey' })}>
              <Trans>Add a passkey</Trans>
            </Button>
          ) : null}
          {app ? null : (
            <Button icon={<Icon as={Plus} />} onClick={() => setOpen({ kind: 'app' })}>
              <Trans>Set up an authenticator app</Trans>
            </Button>
          )}
        </div>
      </AccountSection>
      {codes ? (
        <AccountSection
          title={<Trans>Recovery codes</Trans>}
          lead={<Trans>For the day your phone is lost. New codes end the old ones.</Trans>}
          action={
            <Button icon={<Icon as={RotateCw} />} loading={renew.isPending} onClick={() => renew.mutate()}>
              {renew.isPending ? <Trans>Making them</Trans> : <Trans>Make new codes</Trans>}
            </Button>
          }
        >
          {problem ? <Notice tone="danger" live title={problem} className="mb-3" /> : null}
          <Status tone={few ? 'look' : 'fine'}>
            {plural(codes.left, { one: '# code left', other: '# codes left' })}
          </Status>
        </AccountSection>
      ) : null}
      {open?.kind === 'app' ? <AddAppDialog onClose={() => setOpen(null)} onAdded={added} /> : null}
      {open?.kind === 'passkey' ? <AddPasskeyDialog onClose={() => setOpen(null)} onAdded={added} /> : null}
      {open?.kind === 'codes' ? <CodesDialog codes={open.codes} onClose={() => setOpen(null)} /> : null}
      {open?.kind === 'remove' ? <RemoveFactor what={open.what} onClose={() => setOpen(null)} onRemoved={changed} /> : null}
      {open?.kind === 'rename' ? <RenamePasskey id={open.id} name={open.name} onClose={() => setOpen(null)} onRenamed={changed} /> : null}
    </>
  );
}

function Standing({ security }: { security: Security }) {
  const { state, due_at: due } = security.second_factor;
  if (state === 'on') return <Badge tone="success">{t`On`}</Badge>;
  if (state === 'off') return <Badge>{t`Off`}</Badge>;
  return <Badge tone="warning">{due ? t`Needed by ${day(due)}` : t`Needed`}</Badge>;
}
