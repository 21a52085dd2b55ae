import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { StaffAccountRow, StaffRole } from '@/api/staff';
import { ApiError } from '@/api/errors';
import { CopyText } from '@/features/staff-kit/copy-text';
import { Problem } from '@/features/staff-kit/problem';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { addAccount, changeAccount, startOver } from './api';
import { RoleBoxes } from './role-boxes';

export function AddDialog({ onClose, onMade }: { onClose: () => void; onMade: (account: StaffAccountRow) => void }) {
  const id = useId();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [roles, setRoles] = useState<StaffRole[]>(['support']);
  const [tried, setTried] = useState(false);
  const add = useMutation({ mutationFn: () => addAccount({ name: name.trim(), email: email.trim(), roles }), onSuccess: onMade });
  const fields = add.error instanceof ApiError ? add.error.fieldErrors : {};
  const missing = { name: name.trim() === '', email: !email.includes('@'), roles: roles.length === 0 };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!missing.name && !missing.email && !missing.roles) add.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Add somebody to the staff</Trans>}
      description={<Trans>They get a link from you, choose a password and make a second factor.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={add.isPending}>
            {add.isPending ? <Trans>Adding</Trans> : <Trans>Add</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        {add.error && Object.keys(fields).length === 0 ? <Problem error={add.error} /> : null}
        <Field label={<Trans>Name</Trans>} required error={fields['name'] ?? (tried && missing.name ? t`Give a name.` : undefined)}>
          <Input value={name} maxLength={120} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={<Trans>E-mail</Trans>} required error={fields['email'] ?? (tried && missing.email ? t`Give an e-mail address.` : undefined)}>
          <Input type="email" value={email} maxLength={254} autoComplete="off" onChange={(event) => setEmail(event.target.value)} />
        </Field>
        <RoleBoxes roles={roles} onChange={setRoles} problem={tried && missing.roles ? t`Choose at least one role.` : null} />
      </form>
    </Dialog>
  );
}

/** The link itself, shown once. */
export function LinkDialog({ account, onClose }: { account: StaffAccountRow; onClose: () => void }) {
  const link = account.set_up_url ?? '';
  return (
    <Dialog
      open
      sticky
      onOpenChange={() => undefined}
      title={
        <Trans>
          Hand this link to <bdi>{account.name}</bdi>
        </Trans>
      }
      description={<Trans>It is shown this one time, works once, and its time is short. Send it by a way that only they read.</Trans>}
      actions={
        <Button variant="primary" onClick={onClose}>
          <Trans>Done</Trans>
        </Button>
      }
    >
      <div className="flex items-start gap-2 rounded-2 bg-sunken p-3">
        <code className="min-w-0 flex-1 mono break-all">{link}</code>
        <CopyText text={link} what={t`the link`} />
      </div>
    </Dialog>
  );
}

export function RolesDialog({ account, onClose, onDone }: { account: StaffAccountRow; onClose: () => void; onDone: () => void }) {
  const [roles, setRoles] = useState<StaffRole[]>(account.roles);
  return (
    <ReasonDialog
      title={
        <Trans>
          Roles of <bdi>{account.name}</bdi>
        </Trans>
      }
      act={<Trans>Save roles</Trans>}
      acting={<Trans>Saving</Trans>}
      noTicket
      run={({ reason }) => changeAccount(account.id, { roles, reason })}
      onClose={onClose}
      onDone={onDone}
    >
      <RoleBoxes roles={roles} onChange={setRoles} problem={roles.length === 0 ? t`Choose at least one role.` : null} />
    </ReasonDialog>
  );
}

export function StateDialog({ account, onClose, onDone }: { account: StaffAccountRow; onClose: () => void; onDone: () => void }) {
  const back = account.state === 'suspended';
  return (
    <ReasonDialog
      title={
        back ? (
          <Trans>
            Let <bdi>{account.name}</bdi> back in?
          </Trans>
        ) : (
          <Trans>
            Suspend <bdi>{account.name}</bdi>?
          </Trans>
        )
      }
      description={
        back ? (
          <Trans>Password and factors are as they were.</Trans>
        ) : (
          <Trans>Every session ends at once, support access too. You can let them back in.</Trans>
        )
      }
      act={back ? <Trans>Let in</Trans> : <Trans>Suspend</Trans>}
      acting={back ? <Trans>Letting in</Trans> : <Trans>Suspending</Trans>}
      danger={!back}
      noTicket
      run={({ reason }) => changeAccount(account.id, { state: back ? 'active' : 'suspended', reason })}
      onClose={onClose}
      onDone={onDone}
    />
  );
}

export function StartOverDialog({ account, onClose, onMade }: { account: StaffAccountRow; onClose: () => void; onMade: (account: StaffAccountRow) => void }) {
  return (
    <ReasonDialog
      title={
        <Trans>
          Let <bdi>{account.name}</bdi> start over?
        </Trans>
      }
      description={<Trans>For a lost password or factor. Both are forgotten, every session ends, and you get a new link to hand over.</Trans>}
      act={<Trans>Make a link</Trans>}
      acting={<Trans>Making</Trans>}
      danger
      noTicket
      run={async ({ reason }) => onMade(await startOver(account.id, reason))}
      onClose={onClose}
      onDone={() => undefined}
    />
  );
}
