import { t } from '@lingui/core/macro';
import { Plural, Trans } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { ApiError } from '@/api/errors';
import { moment } from '@/lib/time';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { Skeleton } from '@/ui/skeleton';
import { Status } from '@/ui/status';
import { stateQuery, verify } from './api';

/** Whether the audit is as it was written: sealed so far, and verified when asked. */
export function SealState() {
  const found = useQuery(stateQuery);
  const check = useMutation({ mutationFn: verify });
  const state = check.data ?? found.data;
  if (!state) return found.isError ? null : <Skeleton className="h-10 w-72 max-w-full" />;
  const { seal } = state;
  return (
    <div className="grid min-w-0 gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {state.verified === true ? (
          <Status tone="fine">
            <Trans>Verified just now</Trans>
          </Status>
        ) : seal ? (
          <Status tone="fine">
            <Trans>Sealed</Trans>
          </Status>
        ) : (
          <Status tone="running">
            <Trans>Sealing</Trans>
          </Status>
        )}
        <span className="text-text-2">
          <Plural value={state.entries} one="# entry" other="# entries" />
          {seal ? (
            <>
              {' · '}
              <Trans>
                seal {seal.no} of {moment(seal.sealed_at)}
              </Trans>
            </>
          ) : null}
        </span>
        <Button size="sm" loading={check.isPending} onClick={() => check.mutate()}>
          {check.isPending ? <Trans>Verifying</Trans> : <Trans>Verify</Trans>}
        </Button>
      </div>
      {seal ? (
        <p className="t-xs text-text-3" title={t`Whoever keeps this can show later that nothing before it was changed.`}>
          <code className="font-mono wrap-anywhere">{seal.hash}</code>
        </p>
      ) : null}
      {state.verified === false ? (
        <Notice tone="danger" live title={<Trans>Not everything is as it was written.</Trans>}>
          <ul className="mt-1 grid gap-0.5">
            {state.faults.slice(0, 5).map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      {check.error ? (
        <Notice tone="danger" live title={<Trans>It could not be verified.</Trans>}>
          {check.error instanceof ApiError ? check.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
        </Notice>
      ) : null}
    </div>
  );
}
