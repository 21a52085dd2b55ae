import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { removeApp, removePasskey, renamePasskey } from './api';
import { sentenceOf, useProof } from './proof';

interface RemoveProps {
  what: 'app' | { id: number; name: string };
  onClose: () => void;
  onRemoved: () => void;
}

/** Removing a factor: what it means is said before. */
export function RemoveFactor({ what, onClose, onRemoved }: RemoveProps) {
  const prove = useProof();
  const remove = useMutation({
    mutationFn: () => prove(() => (what === 'app' ? removeApp() : removePasskey(what.id))),
    onSuccess: () => {
      toast(what === 'app' ? t`Authenticator app removed` : t`Passkey removed`);
      onRemoved();
      onClose();
    },
  });
  const problem = sentenceOf(remove.error);
  return (
    <Dialog
      open
      alert
      size="sm"
      onOpenChange={(open) => open || onClose()}
      title={what === 'app' ? <Trans>Remove the authenticator app?</Trans> : <Trans>Remove the passkey {what.name}?</Trans>}
      description={
        what === 'app' ? (
          <Trans>Its codes stop working at once. You can set an app up again at any time.</Trans>
        ) : (
          <Trans>It opens nothing here any more. Your device may go on showing it until you delete it there too.</Trans>
        )
      }
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? <Trans>Removing</Trans> : <Trans>Remove</Trans>}
          </Button>
        </>
      }
    >
      {problem ? <Notice tone="danger" live title={problem} /> : null}
    </Dialog>
  );
}

/** A passkey's name is for its owner only. */
export function RenamePasskey({ id, name, onClose, onRenamed }: { id: number; name: string; onClose: () => void; onRenamed: () => void }) {
  const form = useId();
  const prove = useProof();
  const [text, setText] = useState(name);
  const rename = useMutation({
    mutationFn: () => prove(() => renamePasskey(id, text.trim())),
    onSuccess: () => {
      onRenamed();
      onClose();
    },
  });
  const problem = sentenceOf(rename.error);
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Rename the passkey</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={form} variant="primary" loading={rename.isPending}>
            {rename.isPending ? <Trans>Saving</Trans> : <Trans>Save</Trans>}
          </Button>
        </>
      }
    >
      <form
        id={form}
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) rename.mutate();
        }}
      >
        {problem ? <Notice tone="danger" live title={problem} /> : null}
        <Field label={<Trans>Name</Trans>} required error={text.trim() ? undefined : t`Give it a name.`}>
          <Input autoFocus maxLength={60} value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
