import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { AddressPreview, Domains } from '@/api/types';
import { Button, buttonClass } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Spinner } from '@/ui/spinner';
import { toast } from '@/ui/toast';
import { addressPreviewQuery, domainsQuery, rename } from './api';

function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

/** Another address: whether it is free, and what taking it does, before it is taken. */
export function RenameDialog({ address, open, onClose }: { address: Domains['address']; open: boolean; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [slug, setSlug] = useState(address.slug);
  const settled = useSettled(slug, 280);
  const changed = slug !== '' && slug !== address.slug;
  const asked = useQuery({ ...addressPreviewQuery(settled), enabled: open && settled !== '' && settled !== address.slug });
  // An answer counts only for the word that stands in the field now.
  const preview = changed && asked.data?.slug === slug ? asked.data : undefined;
  const [moved, setMoved] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: () => rename(slug),
    onSuccess: (done) => {
      if (done.sign_in_url) return setMoved(done.sign_in_url);
      void client.invalidateQueries({ queryKey: domainsQuery.queryKey });
      toast(t`Your address is changed`);
      onClose();
      return undefined;
    },
  });
  if (moved) return <Moved host={`${slug}.${address.suffix}`} url={moved} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview?.available) send.mutate();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      title={<Trans>Change your address</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={send.isPending} disabled={!preview?.available}>
            {send.isPending ? <Trans>Changing</Trans> : <Trans>Change address</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        {send.error ? (
          <Notice tone="danger" live title={<Trans>Not changed.</Trans>}>
            {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
          </Notice>
        ) : null}
        <Field label={<Trans>Address</Trans>} required {...messageOf(changed, preview, asked.isError)}>
          <Input
            name="slug"
            value={slug}
            onChange={(event) => {
              setSlug(event.target.value.toLowerCase().replaceAll(/\s+/g, '-').slice(0, 63));
              send.reset();
            }}
            autoCapitalize="none"
            autoCorrect="off"
            autoComplete="off"
            spellCheck={false}
            maxLength={63}
            suffix={`.${address.suffix}`}
            good={preview?.available === true}
            end={changed && !preview && !asked.isError ? <Spinner className="text-text-3" /> : null}
          />
        </Field>
        {preview?.suggestion ? (
          <div className="flex flex-wrap items-center gap-2">
            <span className="t-xs text-text-3">
              <Trans>Free instead</Trans>
            </span>
            <Button size="sm" onClick={() => setSlug(preview.suggestion ?? slug)}>
              {preview.suggestion}
            </Button>
          </div>
        ) : null}
        {preview?.available ? (
          <section aria-labelledby={`${id}-effects`} aria-live="polite">
            <h3 id={`${id}-effects`} className="mb-1 font-[560]">
              <Trans>What happens</Trans>
            </h3>
            <ul className="grid gap-1.5 text-text-2">
              {preview.effects.map((effect) => (
                <li key={effect.code} className="flex gap-2.5">
                  <span aria-hidden="true" className="mt-[9px] h-1 w-3 flex-none rounded-full bg-line-2" />
                  <span className="min-w-0 wrap-anywhere">{effect.words}</span>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </form>
    </Dialog>
  );
}

function messageOf(changed: boolean, preview: AddressPreview | undefined, failed: boolean): { error?: string; good?: string; hint?: string } {
  if (!changed) return { hint: t`Small letters, digits and hyphens. Your learners type this.` };
  if (preview?.available) return { good: t`${preview.host} is free.` };
  if (preview) return { error: preview.message };
  return failed ? { hint: t`We could not check this address now. Try again in a moment.` } : { hint: t`Checking` };
}

/** The page behind this dialog stands on a host that is given up: the only way is on. */
function Moved({ host, url }: { host: string; url: string }) {
  return (
    <Dialog
      open
      onOpenChange={() => undefined}
      sticky
      size="sm"
      title={<Trans>Your address is {host}</Trans>}
      description={<Trans>Sign in once more at the new address. Tell your learners; their old links lead there too.</Trans>}
      actions={
        <a href={url} className={buttonClass('primary')}>
          <Trans>Go to the new address</Trans>
        </a>
      }
    />
  );
}
