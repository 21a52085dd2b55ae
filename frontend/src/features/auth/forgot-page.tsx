import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MailOpen } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { takeFieldErrors } from '@/lib/forms';
import { Button, buttonClass } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { requestReset } from './api';
import { AuthFrame } from './frame';

/** Asks for a link. Says the same whether the address belongs to a member or not. */
export function ForgotPage() {
  usePageTitle(t`Forgotten password`);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<{ email: string }>({ defaultValues: { email: '' } });
  const request = useMutation({
    mutationFn: ({ email }: { email: string }) => requestReset(email),
    onError: (error) => setProblem(takeFieldErrors(error, form.setError, ['email'])),
  });
  const back = (
    <Link to="/login" className="link">
      <Trans>Back to signing in</Trans>
    </Link>
  );
  if (request.isSuccess) {
    const mailbox = boot().mailbox_url;
    return (
      <AuthFrame
        title={<Trans>Look into your mail</Trans>}
        lead={
          <Trans>
            If <strong className="font-semibold wrap-anywhere text-text">{request.variables.email}</strong> belongs to a member here, a
            link to set a new password is on its way.
          </Trans>
        }
        foot={back}
      >
        <div className="grid gap-3">
          {mailbox ? (
            <a href={mailbox} target="_blank" rel="noopener" className={buttonClass('secondary', 'md')}>
              <Icon as={MailOpen} />
              <Trans>Open the local mailbox</Trans>
            </a>
          ) : null}
          <Button variant="ghost" onClick={() => request.reset()}>
            <Trans>Try another address</Trans>
          </Button>
        </div>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={<Trans>Set a new password</Trans>}
      lead={<Trans>We send a link to the address you sign in with.</Trans>}
      foot={back}
    >
      <form
        noValidate
        className="grid gap-5"
        onSubmit={(event) => {
          setProblem(null);
          void form.handleSubmit((values) => request.mutate(values))(event);
        }}
      >
        {problem ? <Notice tone="danger" live title={problem} /> : null}
        <Field label={<Trans>E-mail</Trans>} required error={form.formState.errors.email?.message}>
          <Input
            type="email"
            autoComplete="username"
            inputMode="email"
            {...form.register('email', {
              required: t`Give your e-mail address.`,
              pattern: { value: /^\s*[^\s@]+@[^\s@]+\s*$/, message: t`This is not a full e-mail address.` },
            })}
          />
        </Field>
        <Button type="submit" variant="primary" wide loading={request.isPending}>
          {request.isPending ? <Trans>Sending the link</Trans> : <Trans>Send me the link</Trans>}
        </Button>
      </form>
    </AuthFrame>
  );
}
