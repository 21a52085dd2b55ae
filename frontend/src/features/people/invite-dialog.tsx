import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { Role } from '@/api/types';
import { useMe } from '@/lib/permissions';
import { roleDetail, roleName, ROLES } from '@/lib/roles';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { Radio } from '@/ui/radio';
import { Select } from '@/ui/select';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { readAddresses } from './addresses';
import { inviteMany, peopleKeys } from './api';
import { SeatsLeft } from './seats-left';

/** What the server takes in one request. */
const MOST = 200;

interface Outcome {
  sent: string[];
  refused: { email: string; detail: string }[];
}

/** One request for all. The server says of each address what became of it. */
async function inviteAll(emails: readonly string[], role: Role, days: number, key: string): Promise<Outcome> {
  const { items } = await inviteMany(emails, role, days, key);
  return {
    sent: items.filter(({ state }) => state === 'invited').map(({ email }) => email),
    refused: items.filter(({ state }) => state !== 'invited').map(({ email, detail }) => ({ email, detail })),
  };
}

/** Who, and as what. Addresses that were refused stay in the field with the reason below. */
export function InviteDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const id = useId();
  const me = useMe();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [role, setRole] = useState<Role>('learner');
  const [error, setError] = useState<string>();
  const [refused, setRefused] = useState<Outcome['refused']>([]);
  const [sent, setSent] = useState(0);
  const [days, setDays] = useState('7');
  // The same act keeps its key, so that pressing again after a lost answer never invites twice.
  const act = useRef({ what: '', key: '' });
  const keyOf = (what: string) => {
    if (act.current.what !== what) act.current = { what, key: crypto.randomUUID() };
    return act.current.key;
  };
  const send = useMutation({
    mutationFn: (emails: string[]) => inviteAll(emails, role, Number(days), keyOf(JSON.stringify([emails, role, days]))),
    onSuccess: (outcome) => {
      void client.invalidateQueries({ queryKey: peopleKeys.all });
      const count = outcome.sent.length;
      setSent(count);
      setRefused(outcome.refused);
      setText(outcome.refused.map(({ email }) => email).join('\n'));
      if (outcome.refused.length > 0) return;
      toast(plural(count, { one: 'Invitation sent', other: '# invitations sent' }));
      onClose();
    },
  });
  const people = readAddresses(text).valid.length;
  const roles = ROLES.filter((name) => name !== 'owner' || me?.roles.includes('owner'));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { valid, invalid } = readAddresses(text);
    setRefused([]);
    if (invalid.length > 0) return setError(t`This is not a full address: ${invalid.slice(0, 3).join(', ')}`);
    if (valid.length === 0) return setError(t`Give at least one e-mail address.`);
    if (valid.length > MOST) return setError(t`At most ${MOST} at once: send the rest after these.`);
    setError(undefined);
    send.mutate(valid);
    return undefined;
  };

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      title={<Trans>Invite people</Trans>}
      description={<Trans>They get a mail with a link of their own, and choose a password there.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={send.isPending}>
            {send.isPending ? <Trans>Sending</Trans> : <Trans>Send invitations</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        {send.isError ? (
          <Notice tone="danger" live title={<Trans>Nothing was sent.</Trans>}>
            {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
          </Notice>
        ) : null}
        {refused.length > 0 ? (
          <Notice
            tone="warning"
            live
            title={
              sent > 0 ? plural(sent, { one: '# was sent, these were not:', other: '# were sent, these were not:' }) : t`Not sent:`
            }
          >
            <ul className="mt-1 grid gap-1 t-sm">
              {refused.map(({ email, detail }) => (
                <li key={email} className="wrap-anywhere">
                  <bdi className="font-medium">{email}</bdi>: {detail}
                </li>
              ))}
            </ul>
          </Notice>
        ) : null}
        <Field
          label={<Trans>E-mail addresses</Trans>}
          required
          error={error}
          hint={<Trans>One or many, one a line or with commas. Paste works.</Trans>}
        >
          <Textarea
            name="emails"
            rows={3}
            value={text}
            inputMode="email"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              setError(undefined);
            }}
          />
        </Field>
        <SeatsLeft people={people} />
        <Radio
          label={<Trans>Role</Trans>}
          value={role}
          onChange={setRole}
          options={roles.toReversed().map((name) => ({ value: name, label: roleName(name), detail: roleDetail(name) }))}
        />
        <Field label={<Trans>The link works for</Trans>}>
          <Select
            value={days}
            onChange={setDays}
            options={[
              { value: '1', label: t`1 day` },
              { value: '7', label: t`7 days` },
              { value: '30', label: t`30 days` },
            ]}
          />
        </Field>
      </form>
    </Dialog>
  );
}
