import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { ApiError } from '@/api/errors';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { takeFieldErrors } from '@/lib/forms';
import { Button, buttonClass } from '@/ui/button';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { PASSWORD_MIN, PasswordPolicy } from '@/ui/password-policy';
import { SkeletonText } from '@/ui/skeleton';
import { resetPassword, resetQuery } from './api';
import { AuthFrame } from './frame';
import { SecondStep } from './second-step';

/** The page behind the link of a reset mail. */
export function ResetPage() {
  usePageTitle(t`Set a new password`);
  const { key } = useParams({ strict: false }) as { key: string };
  const link = useQuery(resetQuery(key));
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<{ password: string }>({ defaultValues: { password: '' } });
  const password = useWatch({ control: form.control, name: 'password' });
  const reset = useMutation({
    mutationFn: (values: { password: string }) => resetPassword(key, values.password),
    onSuccess: (result) => {
      if (result.state === 'in') window.location.replace('/');
    },
    onError: (error) => setProblem(takeFieldErrors(error, form.setError, ['password'])),
  });
  const gone = link.error instanceof ApiError && link.error.status >= 400 && link.error.status < 500;

  if (reset.data?.state === 'second_step') {
    return (
      <AuthFrame title={<Trans>One more step</Trans>} lead={<Trans>Your new password is saved. Now show that it is you.</Trans>}>
        <SecondStep types={reset.data.types} onSignedIn={() => window.location.replace('/')} />
      </AuthFrame>
    );
  }
  if (gone) {
    return (
      <AuthFrame
        title={<Trans>This link no longer works</Trans>}
        lead={<Trans>It was used already, or it is too old. Your password is as it was.</Trans>}
      >
        <Link to="/password/forgot" className={buttonClass('primary')}>
          <Trans>Send me a new link</Trans>
        </Link>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={<Trans>Set a new password</Trans>}>
      {link.isError ? (
        <Failure compact error={link.error} onRetry={() => void link.refetch()} />
      ) : link.isPending ? (
        <div role="status" aria-busy="true" aria-label={t`Loading`}>
          <SkeletonText />
        </div>
      ) : (
        <form
          noValidate
          className="grid gap-5"
          onSubmit={(event) => {
            setProblem(null);
            void form.handleSubmit((values) => reset.mutate(values))(event);
          }}
        >
          {problem ? <Notice tone="danger" live title={problem} /> : null}
          <div className="grid gap-2">
            <Field label={<Trans>New password</Trans>} required error={form.formState.errors.password?.message}>
              <PasswordInput
                autoComplete="new-password"
                maxLength={256}
                showLabel={t`Show the password`}
                hideLabel={t`Hide the password`}
                {...form.register('password', {
                  minLength: { value: PASSWORD_MIN, message: t`Use at least ${PASSWORD_MIN} characters.` },
                  required: t`Use at least ${PASSWORD_MIN} characters.`,
                })}
              />
            </Field>
            <PasswordPolicy password={password} />
          </div>
          <Button type="submit" variant="primary" wide loading={reset.isPending}>
            {reset.isPending ? <Trans>Saving</Trans> : <Trans>Save and sign in</Trans>}
          </Button>
        </form>
      )}
    </AuthFrame>
  );
}
