import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { MemberRow } from '@/api/types';
import { sentenceOf, useProof } from '@/features/account/proof';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { erase, peopleKeys, resetSecondFactor, restore, suspend } from './api';

export type Keeping = 'suspend' | 'erase' | 'reset';

interface Words {
  title: ReactNode;
  description: ReactNode;
  act: string;
  acting: string;
  done: string;
  what: readonly string[];
}

function wordsOf(kind: Keeping, name: string): Words {
  switch (kind) {
    case 'suspend':
      return {
        title: <Trans>Suspend {name}?</Trans>,
        description: <Trans>You can restore them at any time; everything of theirs is kept.</Trans>,
        act: t`Suspend`,
        acting: t`Suspending`,
        done: t`${name} is suspended`,
        what: [t`They are signed out everywhere at once.`, t`What they are watching stops within a minute.`, t`They are told by mail, without the reason.`],
      };
    case 'erase':
      return {
        title: <Trans>Erase {name} for good?</Trans>,
        description: <Trans>This can't be undone, not by us either. To keep somebody out for a while, suspend them.</Trans>,
        act: t`Erase for good`,
        acting: t`Erasing`,
        done: t`The member was erased`,
        what: [
          t`Name, address, password, sessions and second step go.`,
          t`Their progress and results stay, as those of "Erased member".`,
          t`They get one last mail.`,
        ],
      };
    case 'reset':
      return {
        title: <Trans>Reset the second step of {name}?</Trans>,
        description: <Trans>For somebody who lost phone and recovery codes. Make sure that it is really them who asks.</Trans>,
        act: t`Reset second step`,
        acting: t`Resetting`,
        done: t`The second step of ${name} was reset`,
        what: [
          t`App, passkeys and recovery codes stop working at once; the password stays.`,
          t`They and every owner are told by mail, with your name and the reason.`,
        ],
      };
  }
}

/** Suspend, erase or reset: what it means, a reason for the audit, and a way back where there is one. */
export function KeepingDialog({ kind, member, onClose }: { kind: Keeping; member: MemberRow; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const prove = useProof();
  const words = wordsOf(kind, member.name);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [faults, setFaults] = useState<{ reason?: string; typed?: string }>({});
  const refresh = () => void client.invalidateQueries({ queryKey: peopleKeys.all });
  const undo = () =>
    void restore(member.id).then(
      () => {
        refresh();
        toast(t`${member.name} is back`);
      },
      (error: unknown) => toast(error instanceof ApiError ? error.detail : t`Not restored. Try again.`),
    );
  const run = useMutation({
    mutationFn: () =>
      prove<unknown>(() => {
        if (kind === 'suspend') return suspend(member.id, reason.trim());
        return kind === 'erase' ? erase(member.id, reason.trim()) : resetSecondFactor(member.id, reason.trim());
      }),
    onSuccess: () => {
      refresh();
      toast(words.done, kind === 'suspend' ? { action: { label: t`Undo`, onPress: undo }, duration: 10_000 } : {});
      onClose();
    },
  });
  const problem = sentenceOf(run.error);
  const submit = () => {
    const next: typeof faults = {};
    if (reason.trim().length < 3) next.reason = t`Say why: it is kept in the audit.`;
    if (kind === 'erase' && typed.trim() !== member.name.trim()) next.typed = t`Type the name as it stands above.`;
    setFaults(next);
    if (Object.keys(next).length === 0) run.mutate();
  };
  return (
    <Dialog
      open
      alert
      onOpenChange={(open) => open || onClose()}
      title={words.title}
      description={words.description}
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="danger" loading={run.isPending}>
            {run.isPending ? words.acting : words.act}
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
          submit();
        }}
      >
        {problem ? <Notice tone="danger" live title={problem} /> : null}
        <ul className="grid list-disc gap-1 ps-5 text-text-2">
          {words.what.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <Field label={<Trans>Reason</Trans>} required error={faults.reason} hint={<Trans>Kept in the audit.</Trans>}>
          <Textarea
            rows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
              setFaults((now) => (now.typed === undefined ? {} : { typed: now.typed }));
            }}
          />
        </Field>
        {kind === 'erase' ? (
          <Field label={<Trans>Type {member.name} to go on</Trans>} required error={faults.typed}>
            <Input autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
          </Field>
        ) : null}
      </form>
    </Dialog>
  );
}
