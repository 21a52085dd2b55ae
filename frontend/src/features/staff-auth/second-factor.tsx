import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Method, SessionAnswer } from '@/api/staff';
import { sentence } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { giveCode, givePasskey, giveRecoveryCode } from './api';
import { CodeForm } from './code-form';
import { passkeysWork } from './webauthn';

interface SecondFactorProps {
  methods: readonly Method[];
  onAnswer: (answer: SessionAnswer) => void;
  /** Begins with another account; nothing where one is signed in already. */
  onRestart?: () => void;
}

/** A passkey where there is one, else a code from the app; a recovery code when both are lost. */
export function SecondFactor({ methods, onAnswer, onRestart }: SecondFactorProps) {
  const passkey = methods.includes('passkey') && passkeysWork();
  const [recovery, setRecovery] = useState(false);
  const code = useMutation({ mutationFn: giveCode, onSuccess: onAnswer });
  const lost = useMutation({ mutationFn: giveRecoveryCode, onSuccess: onAnswer });
  if (recovery) {
    return (
      <div className="grid gap-4">
        <RecoveryForm error={lost.error} pending={lost.isPending} onCode={(value) => lost.mutate(value)} />
        <Button variant="ghost" onClick={() => setRecovery(false)}>
          <Trans>Back to the other ways</Trans>
        </Button>
      </div>
    );
  }
  return (
    <div className="grid gap-4">
      {passkey ? <PasskeyButton primary={!methods.includes('totp')} onAnswer={onAnswer} /> : null}
      {methods.includes('totp') ? (
        <CodeForm
          label={<Trans>Code from your app</Trans>}
          act={<Trans>Confirm</Trans>}
          acting={<Trans>Checking</Trans>}
          error={code.error}
          pending={code.isPending}
          onCode={(value) => code.mutate(value)}
        />
      ) : null}
      <div className="flex flex-wrap justify-between gap-2 border-t border-line pt-3">
        <Button variant="ghost" onClick={() => setRecovery(true)}>
          <Trans>Use a recovery code</Trans>
        </Button>
        {onRestart ? (
          <Button variant="ghost" onClick={onRestart}>
            <Trans>Sign in as somebody else</Trans>
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function PasskeyButton({ primary, onAnswer }: { primary: boolean; onAnswer: (answer: SessionAnswer) => void }) {
  const step = useMutation({ mutationFn: givePasskey, onSuccess: onAnswer });
  return (
    <>
      {step.error ? (
        <Notice
          tone="warning"
          live
          title={step.error instanceof DOMException ? t`No passkey was given. Try again, or use another way.` : sentence(step.error)}
        />
      ) : null}
      <Button
        wide
        variant={primary ? 'primary' : 'secondary'}
        className="h-9! pointer-coarse:h-11!"
        icon={<Icon as={KeyRound} />}
        loading={step.isPending}
        onClick={() => step.mutate()}
      >
        {step.isPending ? <Trans>Waiting for your passkey</Trans> : <Trans>Use a passkey</Trans>}
      </Button>
    </>
  );
}

function RecoveryForm({ error, pending, onCode }: { error: unknown; pending: boolean; onCode: (code: string) => void }) {
  return (
    <CodeForm
      kind="recovery"
      label={<Trans>Recovery code</Trans>}
      hint={t`Each one works once. Make new ones afterwards, under your account.`}
      act={<Trans>Confirm</Trans>}
      acting={<Trans>Checking</Trans>}
      error={error}
      pending={pending}
      onCode={onCode}
    />
  );
}

