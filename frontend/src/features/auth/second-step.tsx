import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { type FactorType, giveCode, givePasskey, type SignInResult } from './api';

interface SecondStepProps {
  types: readonly FactorType[];
  onSignedIn: () => void;
  /** Back to e-mail and password. */
  onBack?: () => void;
}

/** After the password: a code of the app, a passkey, or a recovery code. What the member has is what is offered. */
export function SecondStep({ types, onSignedIn, onBack }: SecondStepProps) {
  const [recovery, setRecovery] = useState(!types.includes('totp') && !types.includes('webauthn'));
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string>();
  const [problem, setProblem] = useState<string | null>(null);
  const arrived = (result: SignInResult) => {
    if (result.state === 'in') onSignedIn();
  };
  const byCode = useMutation({
    mutationFn: giveCode,
    onSuccess: arrived,
    onError: (error) => {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 400) setFault(recovery ? t`This is none of your unused recovery codes.` : t`This code is wrong, or was used already.`);
      else if (error.status === 401) setProblem(t`This took too long. Go back and sign in again.`);
      else if (error.status === 429) setProblem(t`Too many wrong codes. Wait a few minutes, then try again.`);
      else setProblem(error.detail);
    },
  });
  const byPasskey = useMutation({
    mutationFn: givePasskey,
    onSuccess: arrived,
    onError: (error) => {
      if (error instanceof ApiError) setProblem(error.status === 400 ? t`This passkey is not yours here.` : error.detail);
      else if (error instanceof DOMException) setProblem(t`The passkey was not used. Passkeys work on the address they were made on.`);
      else throw error;
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    if (code.trim() === '') return setFault(t`Give the code.`);
    setFault(undefined);
    return byCode.mutate(code.trim());
  };
  const asksCode = recovery || types.includes('totp');
  return (
    <form noValidate className="grid gap-5" onSubmit={submit} aria-label={t`Second step`}>
      {problem ? <Notice tone="warning" live title={problem} /> : null}
      {!recovery && types.includes('webauthn') ? (
        <Button
          wide
          variant={types.includes('totp') ? 'secondary' : 'primary'}
          icon={<Icon as={KeyRound} />}
          loading={byPasskey.isPending}
          onClick={() => {
            setProblem(null);
            byPasskey.mutate();
          }}
        >
          {byPasskey.isPending ? <Trans>Waiting for your passkey</Trans> : <Trans>Use a passkey</Trans>}
        </Button>
      ) : null}
      {asksCode ? (
        <>
          <Field
            label={recovery ? <Trans>Recovery code</Trans> : <Trans>Code of your authenticator app</Trans>}
            required
            error={fault}
            hint={recovery ? <Trans>Eight digits. Each code works once.</Trans> : <Trans>Six digits that change every half minute.</Trans>}
          >
            <Input
              // The one thing to do on this page.
              autoFocus
              key={recovery ? 'recovery' : 'app'}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={12}
              value={code}
              onChange={(event) => {
                setCode(event.target.value);
                setFault(undefined);
              }}
            />
          </Field>
          <Button type="submit" variant="primary" wide loading={byCode.isPending}>
            {byCode.isPending ? <Trans>Checking</Trans> : <Trans>Continue</Trans>}
          </Button>
        </>
      ) : null}
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-1">
        {types.includes('recovery_codes') && (types.includes('totp') || types.includes('webauthn')) ? (
          <Button
            variant="ghost"
            size="sm"
            onClick={() => {
              setRecovery(!recovery);
              setCode('');
              setFault(undefined);
              setProblem(null);
            }}
          >
            {recovery ? <Trans>Use app or passkey instead</Trans> : <Trans>Use a recovery code instead</Trans>}
          </Button>
        ) : null}
        {onBack ? (
          <Button variant="ghost" size="sm" onClick={onBack}>
            <Trans>Back</Trans>
          </Button>
        ) : null}
      </div>
      <p className="t-sm text-text-3">
        <Trans>Lost all of them? An owner or admin can reset your second step; you will be told by mail.</Trans>
      </p>
    </form>
  );
}
