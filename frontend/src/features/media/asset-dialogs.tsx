import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { deleteAsset, mediaKeys, renameAsset, type Asset } from './api';

export function RenameDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const queries = useQueryClient();
  const form = useId();
  const [title, setTitle] = useState(asset.title);
  const [problem, setProblem] = useState<string | null>(null);
  const rename = useMutation({
    mutationFn: () => renameAsset(asset, title.trim()),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: mediaKeys.all });
      onClose();
    },
    onError: (error) => {
      const moved = error instanceof ApiError && (error.status === 409 || error.status === 412);
      if (moved) void queries.invalidateQueries({ queryKey: mediaKeys.all });
      setProblem(moved ? t`Someone else changed it just now. Look at the new name, then save again.` : error instanceof ApiError ? error.detail : t`It was not renamed. Try again.`);
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="sm"
      title={<Trans>Rename</Trans>}
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Keep the name</Trans>
          </Button>
          <Button type="submit" form={form} variant="primary" loading={rename.isPending}>
            {rename.isPending ? <Trans>Renaming…</Trans> : <Trans>Rename</Trans>}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() === '') setProblem(t`A name has at least one letter.`);
          else rename.mutate();
        }}
      >
        <Field label={<Trans>Name</Trans>} error={problem}>
          <Input value={title} maxLength={200} autoFocus onChange={(event) => setTitle(event.currentTarget.value)} />
        </Field>
      </form>
    </Dialog>
  );
}

export function DeleteDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteAsset(asset.id),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: mediaKeys.all }), queries.invalidateQueries({ queryKey: mediaKeys.storage })]);
      toast(t`“${asset.title}” is deleted`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      alert
      onOpenChange={(open) => !open && onClose()}
      size="sm"
      title={<Trans>Delete “{asset.title}”?</Trans>}
      description={<Trans>The file, all its qualities and its captions go. No lesson shows it.</Trans>}
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? <Trans>Deleting…</Trans> : <Trans>Delete</Trans>}
          </Button>
        </>
      }
    >
      {remove.error ? (
        <Notice tone="danger" live title={<Trans>It is still there.</Trans>}>
          {remove.error instanceof ApiError ? remove.error.detail : null}
        </Notice>
      ) : null}
    </Dialog>
  );
}
