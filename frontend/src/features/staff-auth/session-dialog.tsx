import { Trans } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { whenSessionEnds } from '@/api/session';
import type { SessionAnswer } from '@/api/staff';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { PasswordForm } from './password-form';
import { SecondFactor } from './second-factor';
import { adopt, loadSession, NOBODY, useStaff } from './session';

/** Opens over the page when a call meets the end of the session; after signing in the call is made again. */
export function StaffSessionDialog() {
  const staff = useStaff();
  const [step, setStep] = useState<SessionAnswer | null>(null);
  const answer = useRef<((back: boolean) => void) | undefined>(undefined);
  const settle = (back: boolean) => {
    setStep(null);
    answer.current?.(back);
    answer.current = undefined;
  };
  useEffect(
    () =>
      whenSessionEnds(
        () =>
          new Promise<boolean>((resolve) => {
            answer.current = resolve;
            setStep(NOBODY);
          }),
      ),
    [],
  );
  if (!step || !staff) return null;
  const take = (result: SessionAnswer) => {
    if (result.state !== 'signed_in') {
      setStep(result);
      return;
    }
    // Not every step says who it is and hands out the token for writes: the session itself does.
    void (result.staff ? Promise.resolve(adopt(result)) : loadSession()).then(
      () => settle(true),
      () => settle(false),
    );
  };
  const leave = () => {
    settle(false);
    window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
  };
  return (
    <Dialog
      open
      onOpenChange={() => undefined}
      sticky
      size="sm"
      title={<Trans>Sign in again to go on</Trans>}
      description={<Trans>Your session has ended. What you typed is still here.</Trans>}
    >
      {step.state === 'second_factor' ? (
        <SecondFactor methods={step.methods} onAnswer={take} onRestart={leave} />
      ) : (
        <>
          <PasswordForm email={staff.email} onAnswer={take} />
          <Button variant="ghost" wide className="mt-2" onClick={leave}>
            <Trans>Leave this page and sign in as somebody else</Trans>
          </Button>
        </>
      )}
    </Dialog>
  );
}
