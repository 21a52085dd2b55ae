import { Trans } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { whenSessionEnds } from '@/api/session';
import { boot } from '@/lib/boot';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { refreshMe } from './api';
import { LoginForm } from './login-form';
import { loginFor } from './next';

const CHANNEL = 'session';

/**
 * Opens over the page when a call meets the end of the session. Nothing typed is lost: after signing in, the call is
 * made again. Other tabs of this host are told, and close theirs.
 */
export function SessionDialog() {
  const [open, setOpen] = useState(false);
  const answer = useRef<((back: boolean) => void) | undefined>(undefined);
  const settle = (back: boolean) => {
    setOpen(false);
    answer.current?.(back);
    answer.current = undefined;
  };

  useEffect(() => {
    const forget = whenSessionEnds(
      () =>
        new Promise<boolean>((resolve) => {
          answer.current = resolve;
          setOpen(true);
        }),
    );
    const channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener('message', () => {
      if (!answer.current) return;
      void refreshMe().then(
        () => settle(true),
        () => undefined,
      );
    });
    return () => {
      forget();
      channel.close();
    };
  }, []);

  const me = boot().me;
  if (!me) return null;
  return (
    <Dialog
      open={open}
      onOpenChange={() => undefined}
      sticky
      size="sm"
      title={<Trans>Sign in again to go on</Trans>}
      description={<Trans>Your session has ended. What you typed is still here.</Trans>}
    >
      <LoginForm
        email={me.member.email}
        onSignedIn={() => {
          void refreshMe().then(
            () => {
              const channel = new BroadcastChannel(CHANNEL);
              channel.postMessage('in');
              channel.close();
              settle(true);
            },
            () => settle(false),
          );
        }}
      />
      <Button
        variant="ghost"
        wide
        className="mt-2"
        onClick={() => {
          settle(false);
          window.location.assign(loginFor(window.location.pathname + window.location.search));
        }}
      >
        <Trans>Leave this page and sign in as somebody else</Trans>
      </Button>
    </Dialog>
  );
}
