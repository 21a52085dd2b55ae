import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { standardSchemaResolver } from '@hookform/resolvers/standard-schema';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { Controller, useForm, useWatch } from 'react-hook-form';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { takeFieldErrors } from '@/lib/forms';
import { z } from '@/lib/validation';
import { Button, buttonClass } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { PASSWORD_MIN, PasswordPolicy } from '@/ui/password-policy';
import { startSignUp, termsQuery } from './api';
import { readDraft, saveDraft, saveOpen } from './draft';
import { SignUpFrame } from './frame';
import { SignInPreview } from './preview';

const schema = () =>
  z.object({
    name: z.string().check(z.trim(), z.minLength(1, t`Give your name, as your learners should see it.`)),
    email: z.string().check(z.trim(), z.regex(/^[^\s@]+@[^\s@]+$/, t`This is not a full e-mail address.`)),
    password: z.string().check(z.minLength(PASSWORD_MIN, t`Use at least ${PASSWORD_MIN} characters.`)),
    terms: z.boolean().check(z.refine((accepted) => accepted, t`You can only go on when you accept the terms.`)),
  });

interface AccountForm {
  name: string;
  email: string;
  password: string;
  terms: boolean;
}

/** Step 2: the owner's account. Sending it holds the address and mails the code. */
export function AccountPage() {
  usePageTitle(t`Your account`);
  const [draft] = useState(readDraft);
  const navigate = useNavigate();
  const terms = useQuery(termsQuery);
  const [problem, setProblem] = useState<{ text: string; slug: boolean } | null>(null);
  const form = useForm<AccountForm>({
    resolver: standardSchemaResolver(schema()),
    defaultValues: { name: draft.name, email: draft.email, password: '', terms: false },
  });
  const watched = useWatch({ control: form.control });
  const start = useMutation({
    mutationFn: (values: AccountForm) =>
      startSignUp({
        organization_name: draft.organizationName,
        slug: draft.slug,
        name: values.name,
        email: values.email,
        password: values.password,
        terms_version: terms.data?.version ?? '',
      }),
    onSuccess: (opened) => {
      saveOpen({
        token: opened.token,
        email: opened.email,
        slug: draft.slug,
        organizationName: draft.organizationName,
        resendAt: opened.resend_at,
        expiresAt: opened.expires_at,
      });
      void navigate({ to: '/sign-up/code' });
    },
    onError: (error) => {
      const text = takeFieldErrors(error, form.setError, ['name', 'email', 'password']);
      const code = error instanceof ApiError ? error.code : '';
      // The terms moved on while this page stood open: fetch the current ones and let the person look again.
      if (code === 'terms_outdated') {
        void terms.refetch();
        form.resetField('terms');
      }
      setProblem(text === null ? null : { text, slug: code === 'slug_unavailable' });
    },
  });
  const errors = form.formState.errors;

  if (!draft.organizationName || !draft.slug) return <Navigate to="/sign-up/organization" replace />;
  return (
    <SignUpFrame
      step={2}
      stepName={t`Your account`}
      title={<Trans>Your account</Trans>}
      beside={<SignInPreview name={draft.organizationName} slug={draft.slug} />}
    >
      <p className="-mt-3 text-text-2">
        <Trans>
          You will own <strong className="font-semibold text-text">{draft.organizationName}</strong>. Others can be invited later.
        </Trans>
      </p>
      <form
        noValidate
        className="grid gap-[22px]"
        onSubmit={(event) => {
          setProblem(null);
          void form.handleSubmit((values) => {
            saveDraft({ name: values.name, email: values.email });
            start.mutate(values);
          })(event);
        }}
      >
        {problem ? (
          <Notice tone="danger" live title={problem.text}>
            {problem.slug ? (
              <Link to="/sign-up/organization" className="link">
                <Trans>Choose another address</Trans>
              </Link>
            ) : null}
          </Notice>
        ) : null}
        {terms.isError ? (
          <Notice tone="warning" live title={<Trans>The terms did not load, so you cannot accept them yet.</Trans>}>
            <button type="button" className="link" onClick={() => void terms.refetch()}>
              <Trans>Load them again</Trans>
            </button>
          </Notice>
        ) : null}
        <Field label={<Trans>Your name</Trans>} required error={errors.name?.message}>
          <Input autoComplete="name" maxLength={120} {...form.register('name')} />
        </Field>
        <Field
          label={<Trans>E-mail</Trans>}
          required
          error={errors.email?.message}
          hint={<Trans>We send a code there to prove that it is yours.</Trans>}
        >
          <Input type="email" autoComplete="username" inputMode="email" maxLength={254} {...form.register('email')} />
        </Field>
        <div className="grid gap-2">
          <Field label={<Trans>Password</Trans>} required error={errors.password?.message}>
            <PasswordInput
              autoComplete="new-password"
              maxLength={256}
              showLabel={t`Show the password`}
              hideLabel={t`Hide the password`}
              {...form.register('password')}
            />
          </Field>
          <PasswordPolicy password={watched.password ?? ''} personal={[watched.name ?? '', watched.email ?? '']} />
        </div>
        <Controller
          control={form.control}
          name="terms"
          render={({ field, fieldState }) => (
            <Checkbox
              checked={field.value}
              onChange={field.onChange}
              error={fieldState.error?.message}
              label={
                <Trans>
                  I accept the{' '}
                  <a href="/terms" target="_blank" rel="noopener" className="link">
                    terms
                  </a>
                </Trans>
              }
              hint={terms.data ? t`Version ${terms.data.version}` : undefined}
            />
          )}
        />
        <div className="mt-1 flex flex-wrap items-center gap-3 max-sm:*:w-full">
          <Button
            type="submit"
            variant="primary"
            size="lg"
            loading={start.isPending}
            iconEnd={<Icon as={ArrowRight} mirror />}
          >
            {start.isPending ? <Trans>Sending the code</Trans> : <Trans>Send me the code</Trans>}
          </Button>
          <Link to="/sign-up/organization" className={buttonClass('ghost', 'lg')}>
            <Icon as={ArrowLeft} mirror />
            <Trans>Back</Trans>
          </Link>
        </div>
      </form>
    </SignUpFrame>
  );
}
