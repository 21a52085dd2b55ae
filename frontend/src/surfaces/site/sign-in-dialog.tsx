import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { type FormEvent, useId, useState } from 'react';
import { boot } from '@/lib/boot';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { signInUrl } from './sign-in-url';

/** People sign in at their organization's own address; this takes them there. */
export function SignInDialog({ onClose }: { onClose: () => void }) {
  const [slug, setSlug] = useState('');
  const [error, setError] = useState<string>();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const url = signInUrl(slug, boot().tenant_suffix, boot().site_url || window.location.origin);
    if (url) window.location.assign(url);
    else setError(t`This is not an address. It looks like harbour-health.${boot().tenant_suffix}.`);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Sign in at your organization</Trans>}
      description={<Trans>Every organization has its own address, its own accounts and its own sign-in page.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary">
            <Trans>Go to its sign-in page</Trans>
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} noValidate>
        <Field
          label={<Trans>Address of your organization</Trans>}
          error={error}
          hint={<Trans>It stands in your invitation mail.</Trans>}
        >
          <Input
            value={slug}
            onChange={(event) => {
              setSlug(event.target.value);
              setError(undefined);
            }}
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            autoComplete="on"
            name="organization-address"
            suffix={`.${boot().tenant_suffix}`}
          />
        </Field>
      </form>
    </Dialog>
  );
}
