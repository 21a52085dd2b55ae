import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeviceSession } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { sentence } from '@/features/staff-kit/problem';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { Button } from '@/ui/button';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { endSession, factorKeys, sessionsQuery } from './api';
import { Row } from './factors-panel';
import { deviceWord } from './passkey-enrolment';

/** Every browser in which one is signed in. Another one can be signed out from here. */
export function Devices() {
  const devices = useQuery(sessionsQuery);
  return (
    <Section title={<Trans>Signed in on</Trans>}>
      {devices.isPending ? (
        <RowsSkeleton rows={2} />
      ) : devices.isError ? (
        <Failure compact error={devices.error} onRetry={() => void devices.refetch()} />
      ) : (
        <ul>
          {devices.data.items.map((device) => (
            <Device key={device.id} device={device} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Device({ device }: { device: DeviceSession }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endSession(device.id),
    onSuccess: () => client.invalidateQueries({ queryKey: factorKeys.sessions }),
    onError: (error) => toast(sentence(error)),
  });
  const word = deviceWord(device.user_agent);
  return (
    <Row
      title={word}
      detail={
        <>
          <span className="mono">{device.ip}</span> · {t`since ${moment(device.created_at)}`} · {t`seen ${moment(device.last_seen_at)}`}
        </>
      }
      action={
        device.current ? (
          <Status tone="fine">{t`This browser`}</Status>
        ) : (
          <Button aria-label={t`Sign out ${word}`} loading={end.isPending} onClick={() => end.mutate()}>
            <Trans>Sign out</Trans>
          </Button>
        )
      }
    />
  );
}
