import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Monitor, Smartphone } from 'lucide-react';
import { Failure } from '@/app/boundaries';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { SkeletonText } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { AccountSection } from './account-frame';
import { agoInline } from './ago';
import { accountKeys, type DeviceSession, endOtherSessions, endSession, sessionsQuery } from './api';

const MOBILE = new Set(['iPhone', 'iPad', 'Android']);

function deviceName({ browser, system }: DeviceSession): string {
  if (browser && system) return t`${browser} on ${system}`;
  return browser || system || t`Unknown browser`;
}

/** Where one is signed in, and ending that from here. */
export function SessionsSection() {
  const client = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const refresh = () => void client.invalidateQueries({ queryKey: accountKeys.sessions });
  const endOne = useMutation({
    mutationFn: endSession,
    onSuccess: () => toast(t`Signed out there`),
    onSettled: refresh,
  });
  const endOthers = useMutation({
    mutationFn: endOtherSessions,
    onSuccess: ({ ended }) => toast(plural(ended, { one: 'Signed out in # other place', other: 'Signed out in # other places' })),
    onSettled: refresh,
  });
  const others = sessions.data?.filter((session) => !session.current).length ?? 0;
  return (
    <AccountSection
      title={<Trans>Where you are signed in</Trans>}
      lead={<Trans>Ending one works at once. Don't know one? End it, then change your password.</Trans>}
      action={
        others > 0 ? (
          <Button loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {endOthers.isPending ? <Trans>Signing out</Trans> : <Trans>Sign out everywhere else</Trans>}
          </Button>
        ) : null
      }
    >
      {sessions.isPending ? (
        <SkeletonText />
      ) : sessions.isError ? (
        <Failure compact error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <ul className="grid">
          {sessions.data.map((session) => (
            <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-3 first:border-t-0">
              <Icon as={MOBILE.has(session.system) ? Smartphone : Monitor} className="text-text-2" />
              <div className="min-w-[180px] flex-1">
                <p className="flex flex-wrap items-center gap-2 font-medium">
                  {deviceName(session)}
                  {session.current ? <Badge tone="success">{t`This browser`}</Badge> : null}
                </p>
                <p className="t-xs text-text-3">
                  {session.ip ? (
                    <Trans>
                      {session.ip} · last used {agoInline(session.last_seen_at)}
                    </Trans>
                  ) : (
                    <Trans>Last used {agoInline(session.last_seen_at)}</Trans>
                  )}
                </p>
              </div>
              {session.current ? null : (
                <Button
                  size="sm"
                  variant="ghost"
                  loading={endOne.isPending && endOne.variables === session.id}
                  onClick={() => endOne.mutate(session.id)}
                >
                  <Trans>Sign out</Trans>
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </AccountSection>
  );
}
