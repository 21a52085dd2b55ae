import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { useMe } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { AccountSection } from './account-frame';
import { beginEmailChange, cancelEmailChange, confirmEmailChange, emailChangeQuery } from './api';
import { sentenceOf, useProof } from './proof';

/** The address, and changing it: the new one proves itself by a code, the old one works until then. */
export function EmailSection() {
  const me = useMe();
  const client = useQueryClient();
  const change = useQuery(emailChangeQuery);
  const [asking, setAsking] = useState(false);
  const refresh = () => void client.invalidateQueries({ queryKey: emailChangeQuery.queryKey });
  const pending = change.data?.email ?? null;
  return (
    <AccountSection
      title={<Trans>E-mail address</Trans>}
      lead={<Trans>You sign in with it, and mails go there.</Trans>}
      action={
        pending ? null : (
          <Button onClick={() => setAsking(true)}>
            <Trans>Change address</Trans>
          </Button>
        )
      }
    >
      <p className="font-medium wrap-anywhere">
        <bdi>{me?.member.email}</bdi>
      </p>
      {pending ? <Pending email={pending} onSettled={refresh} /> : null}
      {asking ? (
        <AskDialog
          onClose={() => setAsking(false)}
          onAsked={() => {
            refresh();
            setAsking(false);
          }}
        />
      ) : null}
    </AccountSection>
  );
}

function Pending({ email, onSettled }: { email: string; onSettled: () => void }) {
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string>();
  const confirm = useMutation({
    mutationFn: () => confirmEmailChange(code),
    onSuccess: () => {
      toast(t`From now on you sign in with ${email}`);
      onSettled();
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) throw error;
      setFault(error.detail);
      if (error.status === 404) onSettled();
    },
  });
  const cancel = useMutation({ mutationFn: cancelEmailChange, onSettled });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() === '') setFault(t`Give the code from the mail.`);
    else confirm.mutate();
  };
  return (
    <form noValidate onSubmit={submit} className="mt-4 grid max-w-[416px] gap-4 rounded-3 bg-sunken p-4 ring-1 ring-line ring-inset">
      <p>
        <Trans>
          We sent a code to <bdi className="font-medium wrap-anywhere">{email}</bdi>. Until you type it here, your address stays as it is.
        </Trans>
      </p>
      <Field label={<Trans>Code from the mail</Trans>} required error={fault}>
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
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" loading={confirm.isPending}>
          {confirm.isPending ? <Trans>Checking</Trans> : <Trans>Confirm</Trans>}
        </Button>
        <Button variant="ghost" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          <Trans>Keep the old address</Trans>
        </Button>
      </div>
    </form>
  );
}

function AskDialog({ onClose, onAsked }: { onClose: () => void; onAsked: () => void }) {
  const id = useId();
  const prove = useProof();
  const [email, setEmail] = useState('');
  const [fault, setFault] = useState<string>();
  const ask = useMutation({
    mutationFn: () => prove(() => beginEmailChange(email.trim())),
    onSuccess: onAsked,
    onError: (error) => setFault(error instanceof ApiError ? (error.fieldErrors['email'] ?? error.detail) : (sentenceOf(error) ?? undefined)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!/^\S+@\S+\.\S+$/.test(email.trim())) setFault(t`Give a full e-mail address.`);
    else ask.mutate();
  };
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Change your e-mail address</Trans>}
      description={<Trans>We send a code to the new address, and a word to the old one.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={ask.isPending}>
            {ask.isPending ? <Trans>Sending</Trans> : <Trans>Send the code</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        <Field label={<Trans>New e-mail address</Trans>} required error={fault}>
          <Input
            autoFocus
            type="email"
            inputMode="email"
            autoComplete="email"
            maxLength={254}
            value={email}
            onChange={(event) => {
              setEmail(event.target.value);
              setFault(undefined);
            }}
          />
        </Field>
        {ask.isError && !fault && sentenceOf(ask.error) ? <Notice tone="danger" live title={sentenceOf(ask.error)} /> : null}
      </form>
    </Dialog>
  );
}
