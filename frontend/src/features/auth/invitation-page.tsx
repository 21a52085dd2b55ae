import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { ApiError } from '@/api/errors';
import type { Offer } from '@/api/types';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { takeFieldErrors } from '@/lib/forms';
import { useMe } from '@/lib/permissions';
import { roleName, roleWelcome } from '@/lib/roles';
import { Button, buttonClass } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { PASSWORD_MIN, PasswordPolicy } from '@/ui/password-policy';
import { SkeletonText } from '@/ui/skeleton';
import { acceptInvitation, offerQuery, signOut } from './api';
import { AuthFrame } from './frame';
import { safeNext } from './next';

/** The page behind an invitation: who invites, as what, and what is left to say: a name and a password. */
export function InvitationPage() {
  const { token } = useParams({ strict: false }) as { token: string };
  const offer = useQuery(offerQuery(token));
  const me = useMe();
  const name = boot().brand.name;
  usePageTitle(t`Join ${name}`);

  const expired = offer.error instanceof ApiError && offer.error.status === 410;
  if (expired || (offer.error instanceof ApiError && offer.error.status === 404)) {
    return (
      <AuthFrame
        title={expired ? <Trans>This invitation has expired</Trans> : <Trans>This invitation has ended</Trans>}
        lead={
          expired ? (
            <Trans>Its days are over, and nothing is lost: ask whoever invited you to send it again.</Trans>
          ) : (
            <Trans>It was used or withdrawn. Ask whoever invited you for a new one.</Trans>
          )
        }
      >
        <Link to="/login" className={buttonClass('secondary')}>
          <Trans>I have an account: sign in</Trans>
        </Link>
      </AuthFrame>
    );
  }
  if (me) return <SignedInAlready name={me.member.name} />;
  return (
    <AuthFrame
      title={<Trans>Join {offer.data?.organization ?? name}</Trans>}
      lead={
        offer.data ? (
          <Trans>
            You are invited as <strong className="font-semibold text-text">{roleName(offer.data.role)}</strong>.{' '}
            {roleWelcome(offer.data.role)}
          </Trans>
        ) : null
      }
    >
      {offer.isError ? (
        <Failure compact error={offer.error} onRetry={() => void offer.refetch()} />
      ) : offer.data ? (
        <Acceptance token={token} offer={offer.data} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Loading`}>
          <SkeletonText lines={5} />
        </div>
      )}
    </AuthFrame>
  );
}

function SignedInAlready({ name }: { name: string }) {
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => window.location.reload() });
  return (
    <AuthFrame
      title={<Trans>You are signed in as {name}</Trans>}
      lead={<Trans>The invitation is for somebody who has no account here yet. Sign out to accept it as somebody else.</Trans>}
    >
      <div className="grid gap-3">
        <a href="/" className={buttonClass('primary')}>
          <Trans>Go on as {name}</Trans>
        </a>
        <Button variant="ghost" loading={leave.isPending} onClick={() => leave.mutate()}>
          <Trans>Sign out</Trans>
        </Button>
      </div>
    </AuthFrame>
  );
}

function Acceptance({ token, offer }: { token: string; offer: Offer }) {
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({ defaultValues: { name: '', password: '' } });
  const watched = useWatch({ control: form.control });
  const accept = useMutation({
    mutationFn: (values: { name: string; password: string }) => acceptInvitation(token, values),
    onSuccess: ({ next }) => window.location.replace(safeNext(next)),
    onError: (error) => setProblem(takeFieldErrors(error, form.setError, ['name', 'password'])),
  });
  const errors = form.formState.errors;
  const full = accept.error instanceof ApiError && accept.error.code === 'quota_exceeded';
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        setProblem(null);
        void form.handleSubmit((values) => accept.mutate(values))(event);
      }}
    >
      {full ? (
        <Notice tone="warning" live title={<Trans>{offer.organization} has no room for one more just now.</Trans>}>
          <Trans>Your invitation stays good. Tell whoever invited you, or an owner; as soon as there is room this page works.</Trans>
        </Notice>
      ) : problem ? (
        <Notice tone="danger" live title={problem} />
      ) : null}
      <Field label={<Trans>E-mail</Trans>} hint={<Trans>You sign in with this address.</Trans>}>
        <Input type="email" value={offer.email} readOnly autoComplete="username" name="email" />
      </Field>
      <Field label={<Trans>Your name</Trans>} required error={errors.name?.message}>
        <Input
          autoComplete="name"
          maxLength={200}
          {...form.register('name', { required: t`Give your name, as the others should see it.` })}
        />
      </Field>
      <div className="grid gap-2">
        <Field label={<Trans>Password</Trans>} required error={errors.password?.message}>
          <PasswordInput
            autoComplete="new-password"
            maxLength={200}
            showLabel={t`Show the password`}
            hideLabel={t`Hide the password`}
            {...form.register('password', {
              required: t`Use at least ${PASSWORD_MIN} characters.`,
              minLength: { value: PASSWORD_MIN, message: t`Use at least ${PASSWORD_MIN} characters.` },
            })}
          />
        </Field>
        <PasswordPolicy password={watched.password ?? ''} personal={[watched.name ?? '', offer.email]} />
      </div>
      <Button type="submit" variant="primary" wide loading={accept.isPending}>
        {accept.isPending ? <Trans>Joining</Trans> : <Trans>Join</Trans>}
      </Button>
    </form>
  );
}
