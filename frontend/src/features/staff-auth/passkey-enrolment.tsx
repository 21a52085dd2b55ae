import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { sentence } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { addPasskey } from './api';
import { passkeysWork } from './webauthn';

/** The other way to a first factor, where the browser can. */
export function PasskeyEnrolment({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const add = useMutation({ mutationFn: () => addPasskey(t`Passkey of ${deviceWord(navigator.userAgent)}`), onSuccess: onCodes });
  if (!passkeysWork()) return null;
  return (
    <div className="grid gap-3 border-t border-line pt-4">
      {add.error ? (
        <Notice tone="warning" live title={add.error instanceof DOMException ? t`No passkey was made. Try again, or use the app.` : sentence(add.error)} />
      ) : null}
      <Button wide className="h-9! pointer-coarse:h-11!" icon={<Icon as={KeyRound} />} loading={add.isPending} onClick={() => add.mutate()}>
        {add.isPending ? <Trans>Waiting for your passkey</Trans> : <Trans>Use a passkey instead</Trans>}
      </Button>
    </div>
  );
}

/** "Chrome on macOS": enough to tell one's own devices apart. */
export function deviceWord(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : t`a browser`;
  const system = /Android/.test(agent)
    ? 'Android'
    : /iPhone|iPad/.test(agent)
      ? 'iOS'
      : /Windows/.test(agent)
        ? 'Windows'
        : /Mac OS X/.test(agent)
          ? 'macOS'
          : /Linux/.test(agent)
            ? 'Linux'
            : null;
  return system ? t`${browser} on ${system}` : browser;
}
