import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Factors } from '@/api/staff';
import { moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { addPasskey, factorKeys, newRecoveryCodes, removePasskey } from './api';
import { deviceWord } from './passkey-enrolment';
import { RecoveryCodes } from './recovery-codes';
import { TotpEnrolment } from './totp-enrolment';
import { passkeysWork } from './webauthn';

type Open = 'totp' | 'passkey' | 'codes' | { remove: Factors['passkeys'][number] } | null;

/** What proves that it is you, and the codes for when that is lost. */
export function FactorsPanel({ factors }: { factors: Factors }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const refresh = () => void client.invalidateQueries({ queryKey: factorKeys.all });
  const close = () => {
    setOpen(null);
    refresh();
  };
  const took = (fresh: string[]) => {
    close();
    if (fresh.length > 0) setCodes(fresh);
    else toast(t`Second factor saved`);
  };
  const left = factors.recovery_codes_left;
  return (
    <Section title={<Trans>Second factors</Trans>}>
      {left <= 3 ? (
        <Notice tone="warning" className="mb-3" title={left === 0 ? t`No recovery codes left.` : plural(left, { one: 'Only # recovery code left.', other: 'Only # recovery codes left.' })}>
          <Trans>Make new ones before you need them.</Trans>
        </Notice>
      ) : null}
      <ul>
        <Row
          title={<Trans>Authenticator app</Trans>}
          detail={factors.totp.confirmed ? <Status tone="fine">{t`Set up`}</Status> : <Status tone="off">{t`Not set up`}</Status>}
          action={<Button onClick={() => setOpen('totp')}>{factors.totp.confirmed ? <Trans>Replace…</Trans> : <Trans>Set up…</Trans>}</Button>}
        />
        {factors.passkeys.map((key) => (
          <Row
            key={key.id}
            title={<bdi>{key.name}</bdi>}
            detail={key.last_used_at ? t`Passkey, last used ${moment(key.last_used_at)}` : t`Passkey, not used yet`}
            action={
              <Button variant="danger" onClick={() => setOpen({ remove: key })}>
                <Trans>Remove…</Trans>
              </Button>
            }
          />
        ))}
        <Row
          title={<Trans>Add a passkey</Trans>}
          detail={<Trans>Fingerprint, face or a security key. Nothing to type, nothing to phish.</Trans>}
          action={
            <Button onClick={() => setOpen('passkey')} {...(passkeysWork() ? {} : { disabledReason: t`This browser cannot, or the address is not secure.` })}>
              <Trans>Add…</Trans>
            </Button>
          }
        />
        <Row
          title={<Trans>Recovery codes</Trans>}
          detail={plural(left, { one: '# left', other: '# left' })}
          action={
            <Button onClick={() => setOpen('codes')}>
              <Trans>Make new ones…</Trans>
            </Button>
          }
        />
      </ul>
      {open === 'totp' ? (
        <Dialog open onOpenChange={(next) => next || setOpen(null)} title={<Trans>Authenticator app</Trans>}>
          <TotpEnrolment onCodes={took} />
        </Dialog>
      ) : null}
      {open === 'passkey' ? <PasskeyDialog onClose={() => setOpen(null)} onCodes={took} /> : null}
      {open === 'codes' ? <NewCodes onClose={() => setOpen(null)} onCodes={took} /> : null}
      {open !== null && typeof open === 'object' ? <RemovePasskey passkey={open.remove} onClose={() => setOpen(null)} onDone={close} /> : null}
      {codes ? (
        <Dialog open sticky onOpenChange={() => undefined} title={<Trans>Keep these recovery codes</Trans>} description={<Trans>They are shown this one time; older ones no longer work.</Trans>}>
          <RecoveryCodes codes={codes} onDone={() => setCodes(null)} />
        </Dialog>
      ) : null}
    </Section>
  );
}

export function Row({ title, detail, action }: { title: ReactNode; detail: ReactNode; action: ReactNode }) {
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-line py-2">
      <div className="min-w-0 flex-1 basis-[200px]">
        <p className="truncate font-medium">{title}</p>
        <div className="text-text-3">{detail}</div>
      </div>
      {action}
    </li>
  );
}

function PasskeyDialog({ onClose, onCodes }: { onClose: () => void; onCodes: (codes: string[]) => void }) {
  const id = useId();
  const [name, setName] = useState(deviceWord(navigator.userAgent));
  const add = useMutation({ mutationFn: () => addPasskey(name.trim()), onSuccess: onCodes });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) add.mutate();
  };
  const refused = add.error instanceof DOMException;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Add a passkey</Trans>}
      description={<Trans>Your browser asks for it next.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={add.isPending}>
            {add.isPending ? <Trans>Waiting for your passkey</Trans> : <Trans>Add it</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="grid gap-4">
        {refused ? <Notice tone="warning" live title={t`No passkey was made. Try again.`} /> : <Problem error={add.error} />}
        <Field label={<Trans>What you call it</Trans>} required error={name.trim() ? undefined : t`Give it a name.`}>
          <Input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}

function NewCodes({ onClose, onCodes }: { onClose: () => void; onCodes: (codes: string[]) => void }) {
  const renew = useMutation({ mutationFn: newRecoveryCodes, onSuccess: (answer) => onCodes(answer.recovery_codes) });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Make new recovery codes?</Trans>}
      description={<Trans>Those you have now stop working at once.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep the old ones</Trans>
          </Button>
          <Button variant="primary" loading={renew.isPending} onClick={() => renew.mutate()}>
            {renew.isPending ? <Trans>Making</Trans> : <Trans>Make new ones</Trans>}
          </Button>
        </>
      }
    >
      <Problem error={renew.error} />
    </Dialog>
  );
}

function RemovePasskey({ passkey, onClose, onDone }: { passkey: Factors['passkeys'][number]; onClose: () => void; onDone: () => void }) {
  const remove = useMutation({ mutationFn: () => removePasskey(passkey.id), onSuccess: onDone });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={
        <Trans>
          Remove “<bdi>{passkey.name}</bdi>”?
        </Trans>
      }
      description={<Trans>It no longer opens the console. The device itself keeps it until you delete it there.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? <Trans>Removing</Trans> : <Trans>Remove</Trans>}
          </Button>
        </>
      }
    >
      <Problem error={remove.error} />
    </Dialog>
  );
}
