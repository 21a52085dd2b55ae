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
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { readAddresses } from './addresses';
import { invite, peopleKeys } from './api';

interface Outcome {
  sent: string[];
  refused: { email: string; detail: string }[];
}

/** One request an address. `keyOf` gives the same key for the same act, so that pressing again never invites twice. */
async function inviteAll(emails: readonly string[], role: Role, keyOf: (email: string) => string): Promise<Outcome> {
  const outcome: Outcome = { sent: [], refused: [] };
  for (const email of emails) {
    try {
      // In turn: the mails leave in the order they were written, and a limit stops the rest.
      // oxlint-disable-next-line no-await-in-loop
      await invite(email, role, keyOf(email));
      outcome.sent.push(email);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outcome.refused.push({ email, detail: error.detail });
      if (error.status === 429 || error.status === 0) {
        const rest = emails.slice(outcome.sent.length + outcome.refused.length);
        outcome.refused.push(...rest.map((later) => ({ email: later, detail: t`Not sent yet.` })));
        break;
      }
    }
  }
  return outcome;
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
  const keys = useRef(new Map<string, string>());
  const keyOf = (email: string) => {
    const act = `${role} ${email}`;
    const known = keys.current.get(act) ?? crypto.randomUUID();
    keys.current.set(act, known);
    return known;
  };
  const send = useMutation({
    mutationFn: (emails: string[]) => inviteAll(emails, role, keyOf),
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
  const roles = ROLES.filter((name) => name !== 'owner' || me?.roles.includes('owner'));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { valid, invalid } = readAddresses(text);
    setRefused([]);
    if (invalid.length > 0) return setError(t`This is not a full address: ${invalid.slice(0, 3).join(', ')}`);
    if (valid.length === 0) return setError(t`Give at least one e-mail address.`);
    setError(undefined);
    send.mutate(valid);
    return undefined;
  };

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      title={<Trans>Invite people</Trans>}
      description={<Trans>They get a mail with a link that works for seven days, and choose a password there.</Trans>}
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
            <Trans>The fault is ours. Try again in a moment.</Trans>
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
        <Radio
          label={<Trans>Role</Trans>}
          value={role}
          onChange={setRole}
          options={roles.toReversed().map((name) => ({ value: name, label: roleName(name), detail: roleDetail(name) }))}
        />
      </form>
    </Dialog>
  );
}
