import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { useStaff } from '@/features/staff-auth/session';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { addFlag, flagsKeys } from './api';
import { keyProblem } from './model';

const NINETY_DAYS = 90 * 86_400_000;
const inNinetyDays = () => new Date(Date.now() + NINETY_DAYS).toISOString().slice(0, 10);

/** A flag begins off for everyone. */
export function AddFlagDialog({ onClose, onAdded }: { onClose: () => void; onAdded: (key: string) => void }) {
  const id = useId();
  const staff = useStaff();
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const [words, setWords] = useState({ description: '', owner: staff?.name ?? '', expires_on: inNinetyDays() });
  const [tried, setTried] = useState(false);
  const add = useMutation({
    mutationFn: () => addFlag(key, words),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: flagsKeys.all });
      onAdded(key);
    },
  });
  const fields = add.error instanceof ApiError ? add.error.fieldErrors : {};
  const missing = (value: string) => (tried && value.trim() === '' ? t`This is needed.` : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (keyProblem(key) === null && Object.values(words).every((value) => value.trim() !== '')) add.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>New flag</Trans>}
      description={<Trans>It begins off for everyone; rules come next.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={add.isPending}>
            {add.isPending ? <Trans>Adding</Trans> : <Trans>Add flag</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        {add.error && Object.keys(fields).length === 0 ? <Problem error={add.error} /> : null}
        <Field label={<Trans>Key</Trans>} required error={fields['key'] ?? (tried ? (keyProblem(key) ?? undefined) : undefined)} hint={t`As the code asks for it; it stays.`}>
          <Input className="mono" autoCapitalize="none" spellCheck={false} maxLength={60} value={key} onChange={(event) => setKey(event.target.value.trim())} />
        </Field>
        <Field label={<Trans>What it switches</Trans>} required error={fields['description'] ?? missing(words.description)}>
          <Input maxLength={200} value={words.description} onChange={(event) => setWords({ ...words, description: event.target.value })} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={<Trans>Owner</Trans>} required error={fields['owner'] ?? missing(words.owner)} hint={t`Who takes it out again.`}>
            <Input maxLength={80} value={words.owner} onChange={(event) => setWords({ ...words, owner: event.target.value })} />
          </Field>
          <Field label={<Trans>Ends</Trans>} required error={fields['expires_on'] ?? missing(words.expires_on)}>
            <Input type="date" value={words.expires_on} onChange={(event) => setWords({ ...words, expires_on: event.target.value })} />
          </Field>
        </div>
      </form>
    </Dialog>
  );
}
