import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { MemberRow, Role } from '@/api/types';
import { useMe } from '@/lib/permissions';
import { roleDetail, roleName, ROLES } from '@/lib/roles';
import { Button } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { peopleKeys, setRoles } from './api';

/** The roles of one member; several may be held at once. */
export function RolesDialog({ member, onClose }: { member: MemberRow; onClose: () => void }) {
  const id = useId();
  const me = useMe();
  const client = useQueryClient();
  const [roles, setChosen] = useState<Role[]>(member.roles);
  const save = useMutation({
    mutationFn: () => setRoles(member.id, roles),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: peopleKeys.all });
      toast(t`Roles of ${member.name} saved`);
      onClose();
      // Own rights changed: the page was drawn for the old ones.
      if (member.id === me?.member.id) window.location.reload();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const owners = me?.roles.includes('owner') ?? false;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={
        <Trans>
          Roles of <bdi>{member.name}</bdi>
        </Trans>
      }
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep as it is</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={save.isPending}>
            {save.isPending ? <Trans>Saving</Trans> : <Trans>Save roles</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} className="grid gap-3">
        {save.error ? (
          <Notice
            tone="danger"
            live
            title={save.error instanceof ApiError ? save.error.detail : t`The roles were not saved. Try again.`}
          />
        ) : null}
        {ROLES.map((role) => {
          const locked = role === 'owner' && !owners;
          return (
            <Checkbox
              key={role}
              checked={roles.includes(role)}
              disabled={locked}
              onChange={(on) => setChosen(on ? [...roles, role] : roles.filter((held) => held !== role))}
              label={roleName(role)}
              hint={locked ? t`Only an owner can make somebody an owner, or end that.` : roleDetail(role)}
            />
          );
        })}
        {roles.length === 0 ? (
          <Notice tone="warning">
            <Trans>Without a role {member.name} can sign in and see nothing.</Trans>
          </Notice>
        ) : null}
      </form>
    </Dialog>
  );
}
