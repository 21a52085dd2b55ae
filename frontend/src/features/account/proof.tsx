import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { createContext, type FormEvent, type ReactNode, useCallback, useContext, useId, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { asksForProof, confirmByCode, confirmByPasskey, confirmByPassword, securityQuery } from './api';

/** Thrown where the person left the question unanswered: nothing happened, and nothing needs saying. */
export class NotProved extends Error {}

type Prove = <Answer>(act: () => Promise<Answer>) => Promise<Answer>;

const Context = createContext<Prove>((act) => act());

/** Runs an act; where the server asks who is there, asks, and runs it again. Rejects with `NotProved` if left. */
export function useProof(): Prove {
  return useContext(Context);
}

/** Sentence for an error of an act under proof; null where there is nothing to say. */
export function sentenceOf(error: unknown): string | null {
  if (error === null || error === undefined || error instanceof NotProved) return null;
  if (error instanceof ApiError) return error.detail;
  if (error instanceof DOMException)
    return error.name === 'InvalidStateError' ? t`This device has a passkey for you here already.` : t`The passkey was not made. Try again when you are ready.`;
  throw error;
}

/** Holds the one dialog that asks for a fresh proof of identity. */
export function ProofProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const settle = useRef<((proved: boolean) => void) | undefined>(undefined);
  const close = (proved: boolean) => {
    setOpen(false);
    settle.current?.(proved);
    settle.current = undefined;
  };
  const prove = useCallback<Prove>(async (act) => {
    try {
      return await act();
    } catch (error) {
      if (!asksForProof(error)) throw error;
      const proved = await new Promise<boolean>((resolve) => {
        settle.current = resolve;
        setOpen(true);
      });
      if (!proved) throw new NotProved();
      return act();
    }
  }, []);
  return (
    <Context value={prove}>
      {children}
      {open ? <ProofDialog onSettled={close} /> : null}
    </Context>
  );
}

function ProofDialog({ onSettled }: { onSettled: (proved: boolean) => void }) {
  const id = useId();
  const security = useQuery(securityQuery);
  const hasApp = Boolean(security.data?.app);
  const hasPasskey = security.data?.passkeys.some((passkey) => passkey.works_here) ?? false;
  const [way, setWay] = useState<'password' | 'code'>('password');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();
  const failed = (error: unknown) => {
    if (error instanceof DOMException) return setFault(t`The passkey was not used.`);
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 429) return setFault(t`Too many tries. Wait a few minutes, then try again.`);
    return setFault(way === 'password' ? t`This is not your password.` : t`This code is wrong, or was used already.`);
  };
  const confirm = useMutation({
    mutationFn: () => (way === 'password' ? confirmByPassword(text) : confirmByCode(text.trim())),
    onSuccess: () => onSettled(true),
    onError: failed,
  });
  const passkey = useMutation({ mutationFn: confirmByPasskey, onSuccess: () => onSettled(true), onError: failed });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text === '') setFault(way === 'password' ? t`Give your password.` : t`Give the code.`);
    else confirm.mutate();
  };
  const change = (value: string) => {
    setText(value);
    setFault(undefined);
  };
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => open || onSettled(false)}
      title={<Trans>Confirm that it is you</Trans>}
      description={<Trans>This changes how you get in. We ask once every five minutes.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={() => onSettled(false)}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={confirm.isPending}>
            {confirm.isPending ? <Trans>Checking</Trans> : <Trans>Confirm</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        {hasPasskey ? (
          <Button wide icon={<Icon as={KeyRound} />} loading={passkey.isPending} onClick={() => passkey.mutate()}>
            <Trans>Use a passkey</Trans>
          </Button>
        ) : null}
        {way === 'password' ? (
          <Field label={<Trans>Password</Trans>} required error={fault}>
            <PasswordInput
              autoFocus
              autoComplete="current-password"
              showLabel={t`Show the password`}
              hideLabel={t`Hide the password`}
              value={text}
              onChange={(event) => change(event.target.value)}
            />
          </Field>
        ) : (
          <Field label={<Trans>Code of your authenticator app</Trans>} required error={fault}>
            <Input
              autoFocus
              inputMode="numeric"
              autoComplete="one-time-code"
              value={text}
              onChange={(event) => change(event.target.value)}
            />
          </Field>
        )}
        {hasApp ? (
          <Button
            variant="ghost"
            size="sm"
            className="justify-self-start"
            onClick={() => {
              setWay(way === 'password' ? 'code' : 'password');
              change('');
            }}
          >
            {way === 'password' ? <Trans>Use a code instead</Trans> : <Trans>Use your password instead</Trans>}
          </Button>
        ) : null}
        {security.data && !security.data.has_password && !hasApp && !hasPasskey ? (
          <Notice tone="warning" title={<Trans>You have no password yet.</Trans>}>
            <Trans>Sign out and ask for a new one on the sign-in page.</Trans>
          </Notice>
        ) : null}
      </form>
    </Dialog>
  );
}
