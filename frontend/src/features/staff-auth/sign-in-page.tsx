import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { SessionAnswer } from '@/api/staff';
import { usePageTitle } from '@/app/page-title';
import { Enrolment } from './enrolment';
import { StaffAuthFrame } from './frame';
import { PasswordForm } from './password-form';
import { SecondFactor } from './second-factor';
import { adopt, lastAnswer, NOBODY, safePath } from './session';

/** Password, then a second factor; who has none yet makes one here. The session begins with a page load. */
export function SignInPage() {
  usePageTitle(t`Sign in`);
  const { next } = useSearch({ strict: false }) as { next?: string };
  const [answer, setAnswer] = useState<SessionAnswer>(lastAnswer);
  const enter = () => window.location.replace(safePath(next));
  const take = (result: SessionAnswer) => {
    adopt(result);
    if (result.state === 'signed_in') enter();
    else setAnswer(result);
  };

  if (answer.state === 'second_factor') {
    return (
      <StaffAuthFrame title={<Trans>Prove it is you</Trans>} lead={<Trans>The password was right. One more proof opens the console.</Trans>}>
        <SecondFactor methods={answer.methods} onAnswer={take} onRestart={() => setAnswer(NOBODY)} />
      </StaffAuthFrame>
    );
  }
  if (answer.state === 'enrolment') return <Enrolment onDone={enter} />;
  return (
    <StaffAuthFrame
      title={<Trans>Sign in to the console</Trans>}
      lead={<Trans>For platform staff. Organizations and their members sign in on hosts of their own.</Trans>}
    >
      <PasswordForm onAnswer={take} />
    </StaffAuthFrame>
  );
}
