import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { KeyRound, Smartphone } from 'lucide-react';
import { useEffect, useState } from 'react';
import { usePageTitle } from '@/app/page-title';
import { signOut } from '@/features/auth/api';
import { AuthFrame } from '@/features/auth/frame';
import { safeNext } from '@/features/auth/next';
import { boot } from '@/lib/boot';
import { useMe, worksInStudio } from '@/lib/permissions';
import { Button, buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { AddAppDialog, AddPasskeyDialog } from './add-factor';
import { refreshStanding } from './api';
import { ProofProvider } from './proof';
import { CodesList } from './recovery-codes';

/** Before anything else: the organization asks a second step of this member, and their days without one are over. */
export function EnrolmentPage() {
  usePageTitle(t`Set up a second step`);
  const me = useMe();
  useEffect(() => {
    if (!me) window.location.replace('/login');
  }, [me]);
  if (!me) return null;
  return (
    <ProofProvider>
      <Steps />
    </ProofProvider>
  );
}

function Steps() {
  const me = useMe();
  const name = boot().brand.name;
  const [adding, setAdding] = useState<'app' | 'passkey' | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => window.location.assign('/') });
  const next = safeNext(new URLSearchParams(window.location.search).get('next') ?? undefined, worksInStudio(me) ? '/studio' : '/home');
  const added = (fresh: readonly string[]) => {
    setAdding(null);
    setCodes(fresh);
    void refreshStanding();
  };
  if (codes || me?.second_factor.state === 'on') {
    return (
      <AuthFrame
        title={<Trans>Your account is protected</Trans>}
        lead={codes?.length ? <Trans>Keep these codes: when your phone is lost, one of them gets you in. We show them this once.</Trans> : null}
      >
        {codes?.length ? <CodesList codes={codes} /> : null}
        <a href={next} className={buttonClass('primary', 'md', 'w-full')}>
          {codes?.length ? <Trans>I have kept them, go on</Trans> : <Trans>Go on</Trans>}
        </a>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={<Trans>Set up a second step</Trans>}
      lead={<Trans>{name} asks everyone with your role for one. It takes a minute, and then everything is open again.</Trans>}
      foot={<Trans>Why: who has your password could otherwise change courses and people in your name.</Trans>}
    >
      <div className="grid gap-3">
        {'PublicKeyCredential' in window ? (
          <Button variant="primary" wide icon={<Icon as={KeyRound} />} onClick={() => setAdding('passkey')}>
            <Trans>Add a passkey</Trans>
          </Button>
        ) : null}
        <Button wide icon={<Icon as={Smartphone} />} onClick={() => setAdding('app')}>
          <Trans>Use an authenticator app</Trans>
        </Button>
        <Button variant="ghost" wide loading={leave.isPending} onClick={() => leave.mutate()}>
          <Trans>Sign out</Trans>
        </Button>
      </div>
      {adding === 'passkey' ? <AddPasskeyDialog onClose={() => setAdding(null)} onAdded={added} /> : null}
      {adding === 'app' ? <AddAppDialog onClose={() => setAdding(null)} onAdded={added} /> : null}
    </AuthFrame>
  );
}
