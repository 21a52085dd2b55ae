import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiError } from '@/api/errors';
import { takeFieldErrors } from '@/lib/forms';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { SkeletonText } from '@/ui/skeleton';
import { type Credentials, signIn, signInWithPasskey } from './api';

// Only who has a second step needs it.
const SecondStep = lazy(() => import('./second-step').then((module) => ({ default: module.SecondStep })));

interface LoginFormProps {
  /** The session is there. */
  onSignedIn: () => void;
  /** Fixed when a member signs in again: another one would find somebody else's page. */
  email?: string;
  /** A link to the reset, next to the password. */
  forgot?: React.ReactNode;
}

/** E-mail and password. The same words whether the address exists or not. */
export function LoginForm({ onSignedIn, email, forgot }: LoginFormProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<Credentials>({ defaultValues: { email: email ?? '', password: '' } });
  const login = useMutation({
    mutationFn: signIn,
    onSuccess: (result) => {
      if (result.state === 'in') onSignedIn();
    },
    onError: (error) => {
      const wrong = error instanceof ApiError && error.status === 400;
      if (wrong && error.code === 'email_password_mismatch') {
        form.setError('password', { message: t`E-mail and password do not belong together.` }, { shouldFocus: true });
        return;
      }
      setProblem(takeFieldErrors(error, form.setError, ['email', 'password']));
    },
  });
  const passkey = useMutation({
    mutationFn: signInWithPasskey,
    onSuccess: (result) => {
      if (result.state === 'in') onSignedIn();
    },
    onError: (error) => {
      if (error instanceof ApiError) setProblem(error.status === 400 ? t`This passkey does not open anything here.` : error.detail);
      else if (!(error instanceof DOMException)) throw error;
      else if (error.name !== 'NotAllowedError') setProblem(t`This browser could not use a passkey here.`);
    },
  });
  const errors = form.formState.errors;
  if (login.data?.state === 'second_step') {
    return (
      <Suspense fallback={<SkeletonText />}>
        <SecondStep types={login.data.types} onSignedIn={onSignedIn} onBack={() => login.reset()} />
      </Suspense>
    );
  }
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        setProblem(null);
        void form.handleSubmit((values) => login.mutate(values))(event);
      }}
    >
      {problem ? <Notice tone="warning" live title={problem} /> : null}
      <Field label={<Trans>E-mail</Trans>} required error={errors.email?.message}>
        <Input
          type="email"
          autoComplete="username"
          inputMode="email"
          readOnly={email !== undefined}
          {...form.register('email', { required: t`Give your e-mail address.` })}
        />
      </Field>
      <Field label={<Trans>Password</Trans>} required error={errors.password?.message} aside={forgot}>
        <PasswordInput
          autoComplete="current-password"
          // Who signs in again has only the password left to type.
          autoFocus={email !== undefined}
          showLabel={t`Show the password`}
          hideLabel={t`Hide the password`}
          {...form.register('password', { required: t`Give your password.` })}
        />
      </Field>
      <Button type="submit" variant="primary" wide loading={login.isPending}>
        {login.isPending ? <Trans>Signing in</Trans> : <Trans>Sign in</Trans>}
      </Button>
      {'PublicKeyCredential' in window ? (
        <Button
          wide
          icon={<Icon as={KeyRound} />}
          loading={passkey.isPending}
          onClick={() => {
            setProblem(null);
            passkey.mutate();
          }}
        >
          {passkey.isPending ? <Trans>Waiting for your passkey</Trans> : <Trans>Sign in with a passkey</Trans>}
        </Button>
      ) : null}
    </form>
  );
}
