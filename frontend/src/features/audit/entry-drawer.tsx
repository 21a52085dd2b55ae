import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { AuditEntry } from '@/api/types';
import { Failure } from '@/app/boundaries';
import { moment } from '@/lib/time';
import { Button } from '@/ui/button';
import { Sheet } from '@/ui/sheet';
import { Skeleton } from '@/ui/skeleton';
import { type AuditSearch, entryQuery } from './api';
import { said } from './said';

interface EntryDrawerProps {
  id: string;
  onClose: () => void;
  onFilter: (next: AuditSearch) => void;
}

/** One act with everything that was kept of it. */
export function EntryDrawer({ id, onClose, onFilter }: EntryDrawerProps) {
  const found = useQuery(entryQuery(id));
  return (
    <Sheet open onOpenChange={(open) => open || onClose()} title={<Trans>What was done</Trans>} closeLabel={t`Close`}>
      {found.data ? (
        <Details entry={found.data} onFilter={onFilter} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid gap-3">
          <Skeleton className="h-5 w-64" />
          <Skeleton className="h-24 w-full" />
        </div>
      )}
    </Sheet>
  );
}

function Details({ entry, onFilter }: { entry: AuditEntry; onFilter: (next: AuditSearch) => void }) {
  return (
    <div className="grid gap-5">
      <p className="text-[17px] leading-6 wrap-anywhere">
        <bdi className="font-semibold">{entry.actor}</bdi>
        {entry.behalf ? (
          <>
            {' '}
            <Trans>
              on behalf of <bdi className="font-semibold">{entry.behalf}</bdi>
            </Trans>
          </>
        ) : null}{' '}
        {entry.sentence}
      </p>
      {entry.changes.length > 0 ? <Changes entry={entry} /> : null}
      <dl className="grid gap-3">
        <Row name={<Trans>When</Trans>}>
          <time dateTime={entry.at}>{moment(entry.at)}</time>
        </Row>
        {entry.ip ? <Row name={<Trans>From</Trans>}>{entry.ip}</Row> : null}
        <Row name={<Trans>Seal</Trans>}>{entry.seal ?? <Trans>Within seconds</Trans>}</Row>
        <Row name={<Trans>Digest</Trans>}>
          <code className="font-mono t-xs">{entry.digest}</code>
        </Row>
        {entry.request_id ? (
          <Row name={<Trans>Request</Trans>}>
            <code className="font-mono t-xs">{entry.request_id}</code>
          </Row>
        ) : null}
      </dl>
      <div className="flex flex-wrap gap-2">
        {entry.actor_id ? (
          <Button size="sm" onClick={() => onFilter({ person: entry.actor_id ?? undefined })}>
            <Trans>All of {entry.actor}</Trans>
          </Button>
        ) : null}
        {entry.object_id && entry.object_type !== 'member' ? (
          <Button size="sm" onClick={() => onFilter({ object: entry.object_id ?? undefined })}>
            <Trans>All about this</Trans>
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function Changes({ entry }: { entry: AuditEntry }) {
  return (
    <dl className="grid gap-3 rounded-3 bg-sunken p-4 ring-1 ring-line ring-inset">
      {entry.changes.map((change) => (
        <div key={change.field}>
          <dt className="t-xs text-text-3">{change.words}</dt>
          <dd className="wrap-anywhere">
            {change.before === null || change.before === undefined ? (
              said(change.after)
            ) : (
              <>
                <span className="text-text-3 line-through">{said(change.before)}</span>
                <span className="sr-only">{t`became`}</span>
                <span aria-hidden="true" className="mx-1.5 text-text-3">
                  →
                </span>
                {said(change.after)}
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="t-xs text-text-3">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
