import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import type { SessionAnswer } from '@/api/staff';
import { takeFieldErrors } from '@/lib/forms';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { signIn } from './api';

/** The first step. The same words whether the address exists or not. */
export function PasswordForm({ onAnswer, email }: { onAnswer: (answer: SessionAnswer) => void; email?: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({ defaultValues: { email: email ?? '', password: '' } });
  const step = useMutation({
    mutationFn: (values: { email: string; password: string }) => signIn(values.email.trim(), values.password),
    onSuccess: onAnswer,
    onError: (error) => setProblem(takeFieldErrors(error, form.setError, ['email', 'password'])),
  });
  const errors = form.formState.errors;
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        setProblem(null);
        void form.handleSubmit((values) => step.mutate(values))(event);
      }}
    >
      {problem ? <Notice tone="warning" live title={problem} /> : null}
      <Field label={<Trans>E-mail</Trans>} required error={errors.email?.message}>
        <Input
          type="email"
          autoComplete="username"
          inputMode="email"
          readOnly={email !== undefined}
          className="h-9! pointer-coarse:h-11!"
          {...form.register('email', { required: t`Give your e-mail address.` })}
        />
      </Field>
      <Field label={<Trans>Password</Trans>} required error={errors.password?.message}>
        <PasswordInput
          autoComplete="current-password"
          autoFocus={email !== undefined}
          showLabel={t`Show the password`}
          hideLabel={t`Hide the password`}
          className="h-9! pointer-coarse:h-11!"
          {...form.register('password', { required: t`Give your password.` })}
        />
      </Field>
      <Button type="submit" variant="primary" wide className="h-9! pointer-coarse:h-11!" loading={step.isPending}>
        {step.isPending ? <Trans>Checking</Trans> : <Trans>Go on</Trans>}
      </Button>
    </form>
  );
}
