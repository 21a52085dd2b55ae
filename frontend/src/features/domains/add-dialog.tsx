import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { WayUp } from '@/features/billing/way-up';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { claimDomain, domainsQuery } from './api';

/** Which domain. What it needs in DNS is shown on the page afterwards. */
export function AddDomainDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [host, setHost] = useState('');
  const [empty, setEmpty] = useState(false);
  const add = useMutation({
    mutationFn: () => claimDomain(host.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: domainsQuery.queryKey });
      setHost('');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setEmpty(host.trim() === '');
    if (host.trim() !== '') add.mutate();
  };
  const failed = add.error instanceof ApiError ? add.error.detail : add.error ? t`The fault is ours. Try again in a moment.` : undefined;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      title={<Trans>Add a domain</Trans>}
      description={<Trans>You make two DNS records: one proves that the domain is yours, one leads visitors here.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={add.isPending}>
            {add.isPending ? <Trans>Adding</Trans> : <Trans>Add domain</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit}>
        <Field
          label={<Trans>Domain</Trans>}
          required
          error={empty ? t`Write the domain, such as learn.example.com.` : failed}
          hint={<Trans>A name below a domain that you own. A bare domain works where your provider has ALIAS records.</Trans>}
        >
          <Input
            name="host"
            value={host}
            placeholder="learn.example.com"
            inputMode="url"
            autoCapitalize="none"
            autoCorrect="off"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              setHost(event.target.value);
              setEmpty(false);
              add.reset();
            }}
          />
        </Field>
        <p className="mt-1.5 t-sm empty:hidden">
          <WayUp error={add.error} />
        </p>
      </form>
    </Dialog>
  );
}
