import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Skeleton } from '@/ui/skeleton';
import { Textarea } from '@/ui/textarea';
import { askDeletion, deletionEffectsQuery, type Organization } from './api';
import { EffectsList } from './effects-list';

/** The end of an organization, asked for: what it does stands above the field that asks for it. */
export function DeleteDialog({ organization, open, onClose }: { organization: Organization; open: boolean; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const found = useQuery({ ...deletionEffectsQuery, enabled: open });
  const matches = typed.trim().toLowerCase() === organization.slug;
  const send = useMutation({
    mutationFn: (token: string) => askDeletion({ slug: typed.trim().toLowerCase(), reason: reason.trim(), token }),
    onSuccess: () => {
      // Every page of this organization is another one now.
      window.location.assign('/studio/settings/organization');
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'effects_changed') {
        void client.invalidateQueries({ queryKey: deletionEffectsQuery.queryKey });
      }
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (matches && found.data) send.mutate(found.data.token);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      alert
      title={<Trans>Delete {organization.name}?</Trans>}
      description={<Trans>It is closed at once and deleted in 30 days. Until then you can call it off.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button type="submit" form={id} variant="danger" loading={send.isPending} disabled={!matches || !found.data}>
            <Trans>Delete organization</Trans>
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        {send.error ? (
          <Notice tone="danger" live title={<Trans>Nothing was changed.</Trans>}>
            {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
          </Notice>
        ) : null}
        <section aria-labelledby={`${id}-effects`} aria-busy={found.isPending}>
          <h3 id={`${id}-effects`} className="mb-1.5 font-[560]">
            <Trans>What happens</Trans>
          </h3>
          {found.data ? (
            <EffectsList effects={found.data.effects} />
          ) : found.isError ? (
            <p className="text-danger-text">
              <Trans>We could not read what this would do. Close this and try again.</Trans>
            </p>
          ) : (
            <div className="grid gap-2">
              <Skeleton className="h-5 w-11/12" />
              <Skeleton className="h-5 w-4/5" />
              <Skeleton className="h-5 w-2/3" />
            </div>
          )}
        </section>
        <Field label={<Trans>Reason</Trans>} hint={t`Every owner gets it by e-mail. You may leave it empty.`}>
          <Textarea name="reason" rows={2} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Field label={<Trans>Type {organization.slug} to confirm</Trans>} required>
          <Input
            name="slug"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoCapitalize="none"
            autoCorrect="off"
            autoComplete="off"
            spellCheck={false}
            maxLength={63}
          />
        </Field>
      </form>
    </Dialog>
  );
}
