import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { CopyText } from '@/features/staff-kit/copy-text';
import { Skeleton } from '@/ui/skeleton';
import { confirmTotp, startTotp } from './api';
import { CodeForm } from './code-form';

/** "ABCD EFGH": a secret that somebody can type. */
export const grouped = (secret: string) => secret.replaceAll(/(.{4})(?=.)/g, '$1 ');

/** The server's drawing as an address: an image, so that nothing in it can run. */
const picture = (svg: string) => `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;

/** A code from an app: scan or type the secret, then prove it works. */
export function TotpEnrolment({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const start = useQuery({ queryKey: ['totp-start'], queryFn: startTotp, staleTime: Infinity, gcTime: 0, retry: false });
  const confirm = useMutation({ mutationFn: confirmTotp, onSuccess: (answer) => onCodes(answer.recovery_codes) });
  if (start.isError) return <Failure compact error={start.error} onRetry={() => void start.refetch()} />;
  return (
    <div className="grid gap-5">
      <ol className="grid gap-4">
        <li className="grid gap-3">
          <p className="font-[540]">
            <Trans>1. Scan this with an authenticator app</Trans>
          </p>
          {start.data ? (
            <img
              src={picture(start.data.qr_svg)}
              alt={t`QR code for an authenticator app; the secret below does the same`}
              className="size-44 rounded-3 bg-white p-2 ring-1 ring-line"
            />
          ) : (
            <Skeleton className="size-44 rounded-3!" />
          )}
          {start.data ? (
            <p className="flex flex-wrap items-center gap-x-2 text-text-2">
              <Trans>Or type:</Trans>
              <code className="mono break-all text-text">{grouped(start.data.secret)}</code>
              <CopyText text={start.data.secret} what={t`the secret`} />
            </p>
          ) : (
            <Skeleton className="h-4 w-64" />
          )}
        </li>
        <li className="grid gap-3">
          <p className="font-[540]">
            <Trans>2. Type the code it shows</Trans>
          </p>
          <CodeForm
            label={<Trans>Six figures</Trans>}
            act={<Trans>Confirm</Trans>}
            acting={<Trans>Confirming</Trans>}
            error={confirm.error}
            pending={confirm.isPending}
            onCode={(code) => confirm.mutate(code)}
          />
        </li>
      </ol>
    </div>
  );
}
