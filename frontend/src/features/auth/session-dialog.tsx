import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { whenSessionEnds } from '@/api/session';
import { boot } from '@/lib/boot';
import { refreshMe } from './api';
import { CHANNEL } from './session-channel';

// Seldom needed, and then there is time: kept out of what every page downloads.
const SessionForm = lazy(() => import('./session-form').then((module) => ({ default: module.SessionForm })));

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
  if (!me || !open) return null;
  return (
    <Suspense fallback={null}>
      <SessionForm email={me.member.email ?? undefined} onSettled={settle} />
    </Suspense>
  );
}
