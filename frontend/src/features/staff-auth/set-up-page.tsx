import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { sentence } from '@/features/staff-kit/problem';
import { Button, buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { setPassword, setUpQuery } from './api';
import { Enrolment } from './enrolment';
import { StaffAuthFrame } from './frame';
import { adopt } from './session';

const SHORTEST = 12;

/** The one-time link of a new account: a password, then a second factor. */
export function SetUpPage() {
  usePageTitle(t`Set up your account`);
  const { token } = useParams({ strict: false }) as { token: string };
  const [password, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const step = useMutation({ mutationFn: () => setPassword(token, password), onSuccess: adopt });
  const link = useQuery(setUpQuery(token));
  const gone = [link.error, step.error].some((error) => error instanceof ApiError && error.status === 404);

  if (step.isSuccess) return <Enrolment onDone={() => window.location.replace('/')} />;
  if (gone) {
    return (
      <StaffAuthFrame title={<Trans>This link is used up</Trans>}>
        <ErrorState
          compact
          condition="missing"
          headingLevel={2}
          title={<Trans>It worked once, or its time is over</Trans>}
          actions={
            <a href="/sign-in" className={buttonClass('primary')}>
              <Trans>To the sign-in</Trans>
            </a>
          }
        >
          <Trans>Nothing was changed. Whoever made your account can make a new link.</Trans>
        </ErrorState>
      </StaffAuthFrame>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const short = password.length < SHORTEST ? t`At least ${SHORTEST} characters. A sentence is fine.` : null;
    setProblem(short);
    if (short === null) step.mutate();
  };
  const refused = step.error instanceof ApiError ? step.error.fieldErrors['password'] : undefined;
  return (
    <StaffAuthFrame
      title={<Trans>Set up your account</Trans>}
      lead={
        link.data ? (
          <Trans>
            <bdi>{link.data.name}</bdi>, choose a password for the console. Next comes a second factor.
          </Trans>
        ) : (
          <Trans>Choose a password for the console. Next comes a second factor.</Trans>
        )
      }
    >
      <form noValidate className="grid gap-4" onSubmit={submit}>
        {/* Password managers keep the password under this name. */}
        <input type="hidden" autoComplete="username" value={link.data?.email ?? ''} readOnly />
        {step.error && !refused ? <Notice tone="danger" live title={sentence(step.error)} /> : null}
        <Field label={<Trans>Password</Trans>} required error={problem ?? refused} hint={t`At least ${SHORTEST} characters, in no list of leaked ones.`}>
          <PasswordInput
            autoComplete="new-password"
            showLabel={t`Show the password`}
            hideLabel={t`Hide the password`}
            className="h-9! pointer-coarse:h-11!"
            value={password}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <Button type="submit" variant="primary" wide className="h-9! pointer-coarse:h-11!" loading={step.isPending}>
          {step.isPending ? <Trans>Saving</Trans> : <Trans>Go on</Trans>}
        </Button>
      </form>
    </StaffAuthFrame>
  );
}
