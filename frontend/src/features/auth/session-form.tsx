import { Trans } from '@lingui/react/macro';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { refreshMe } from './api';
import { LoginForm } from './login-form';
import { loginFor } from './next';
import { tellOtherTabs } from './session-channel';

/** The dialog itself. `onSettled` says whether the member is back. */
export function SessionForm({ email, onSettled }: { email: string | undefined; onSettled: (back: boolean) => void }) {
  return (
    <Dialog
      open
      onOpenChange={() => undefined}
      sticky
      size="sm"
      title={<Trans>Sign in again to go on</Trans>}
      description={<Trans>Your session has ended. What you typed is still here.</Trans>}
    >
      <LoginForm
        {...(email === undefined ? {} : { email })}
        onSignedIn={() => {
          void refreshMe().then(
            () => {
              tellOtherTabs();
              onSettled(true);
            },
            () => onSettled(false),
          );
        }}
      />
      <Button
        variant="ghost"
        wide
        className="mt-2"
        onClick={() => {
          onSettled(false);
          window.location.assign(loginFor(window.location.pathname + window.location.search));
        }}
      >
        <Trans>Leave this page and sign in as somebody else</Trans>
      </Button>
    </Dialog>
  );
}
