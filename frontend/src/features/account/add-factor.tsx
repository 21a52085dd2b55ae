import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Skeleton } from '@/ui/skeleton';
import { addPasskey, beginApp, confirmApp, freshCodes } from './api';
import { NotProved, sentenceOf, useProof } from './proof';

interface AddProps {
  onClose: () => void;
  /** It is set up. The codes are those that came with the first factor, else none. */
  onAdded: (codes: readonly string[]) => void;
}

/** The codes were made with the first factor and are shown once; a failure here must not hide that the factor is there. */
const codesOrNone = () => freshCodes().catch(() => []);

/** An authenticator app: scan, type the first code. */
export function AddAppDialog({ onClose, onAdded }: AddProps) {
  const id = useId();
  const prove = useProof();
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string>();
  // A new seed each time the dialog opens; nothing of it is kept.
  const seed = useQuery({
    queryKey: ['account', 'new-app', id],
    queryFn: () => prove(beginApp),
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  });
  const confirm = useMutation({
    mutationFn: async () => {
      await prove(() => confirmApp(code.replaceAll(/\s/g, '')));
      return codesOrNone();
    },
    onSuccess: onAdded,
    onError: (error) => {
      if (error instanceof ApiError && error.status === 400)
        setFault(t`This is not the code your app shows now. Wait for the next one; if it stays wrong, check the phone's clock.`);
      else setFault(sentenceOf(error) ?? undefined);
    },
  });
  if (seed.error instanceof NotProved) queueMicrotask(onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() === '') setFault(t`Give the code your app shows.`);
    else confirm.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Set up an authenticator app</Trans>}
      description={<Trans>Any app for six-digit codes works, your password manager too.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={confirm.isPending}>
            {confirm.isPending ? <Trans>Checking</Trans> : <Trans>Turn on</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        {seed.error && !(seed.error instanceof NotProved) ? (
          <Notice tone="danger" live title={seed.error instanceof ApiError ? seed.error.detail : t`This did not load. Close it and try again.`} />
        ) : null}
        <div className="flex flex-wrap items-center gap-5">
          {seed.data ? (
            // White around it in both themes: cameras want dark on light.
            <img
              src={`data:image/svg+xml;utf8,${encodeURIComponent(seed.data.totp_svg)}`}
              alt={t`The code to scan with your app`}
              width={168}
              height={168}
              className="flex-none rounded-2 bg-[#fff] p-1 ring-1 ring-line"
            />
          ) : (
            <Skeleton className="size-[168px]" />
          )}
          <div className="grid min-w-[200px] flex-1 gap-2">
            <p>
              <Trans>Scan this with the app. No camera? Type this key instead:</Trans>
            </p>
            <p className="mono t-sm break-all select-all">{seed.data?.secret.match(/.{1,4}/g)?.join(' ') ?? ' '}</p>
          </div>
        </div>
        <Field label={<Trans>Code the app shows</Trans>} required error={fault}>
          <Input
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
      </form>
    </Dialog>
  );
}

/** A passkey: name it, then the browser asks. */
export function AddPasskeyDialog({ onClose, onAdded }: AddProps) {
  const id = useId();
  const prove = useProof();
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: async () => {
      await prove(() => addPasskey(name.trim()));
      return codesOrNone();
    },
    onSuccess: onAdded,
  });
  const problem = sentenceOf(add.error);
  const host = window.location.hostname;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Add a passkey</Trans>}
      description={<Trans>Fingerprint, face or PIN of this device, or a security key. No code to type, and nothing to steal from us.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={add.isPending}>
            {add.isPending ? <Trans>Waiting for this device</Trans> : <Trans>Add passkey</Trans>}
          </Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {problem ? <Notice tone="danger" live title={problem} /> : null}
        <Field label={<Trans>Name</Trans>} hint={<Trans>So that you know it again, such as "Work laptop".</Trans>}>
          <Input maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Notice>
          <Trans>A passkey belongs to this address, {host}. If the organization moves to another one, you add a new passkey there.</Trans>
        </Notice>
      </form>
    </Dialog>
  );
}
