import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/errors';
import type { DataExport } from '@/api/types';
import { bytes } from '@/lib/size';
import { moment } from '@/lib/time';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { exportsQuery, isUnderWay, removeExport } from './api';
import { stateWord, TONES } from './words';

/** Every export there was, newest first. */
export function History({ items }: { items: readonly DataExport[] }) {
  const [asked, setAsked] = useState<DataExport>();
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="history">
      <h2 id="history" className="t-h4">
        <Trans>Exports</Trans>
      </h2>
      <ul className="mt-2">
        {items.map((item) => (
          <li key={item.id} className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-2">
            <span className="min-w-0 flex-1 max-sm:basis-full">
              {moment(item.created_at)}
              <span className="block t-sm text-text-3">
                {item.origin === 'owner' ? <Trans>By an owner</Trans> : item.origin === 'staff' ? <Trans>By our staff</Trans> : <Trans>Brought in by our staff</Trans>}
                {item.size_bytes && item.state === 'ready' ? `, ${bytes(item.size_bytes)}` : ''}
                {item.downloads > 0 ? `, ${item.downloads === 1 ? t`downloaded once` : t`downloaded ${item.downloads} times`}` : ''}
              </span>
            </span>
            <Status tone={TONES[item.state]}>{stateWord(item)}</Status>
            {item.state === 'expired' ? null : (
              <Button variant="ghost" onClick={() => setAsked(item)}>
                {isUnderWay(item) ? <Trans>Stop</Trans> : <Trans>Delete</Trans>}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asked ? <RemoveDialog item={asked} onClose={() => setAsked(undefined)} /> : null}
    </section>
  );
}

function RemoveDialog({ item, onClose }: { item: DataExport; onClose: () => void }) {
  const client = useQueryClient();
  const running = isUnderWay(item);
  const send = useMutation({
    mutationFn: () => removeExport(item.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: exportsQuery.queryKey });
      toast(running ? t`The export is stopped` : t`The export is deleted`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      alert
      title={running ? <Trans>Stop this export?</Trans> : <Trans>Delete this export?</Trans>}
      description={
        running ? <Trans>What was made of it is thrown away. You can begin another at any time.</Trans> : <Trans>The file is gone at once, and its link with it. Your organization stays as it is.</Trans>
      }
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={send.isPending} onClick={() => send.mutate()}>
            {running ? <Trans>Stop export</Trans> : <Trans>Delete export</Trans>}
          </Button>
        </>
      }
    >
      {send.error ? (
        <Notice tone="danger" live title={<Trans>Nothing was changed.</Trans>}>
          {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
        </Notice>
      ) : null}
    </Dialog>
  );
}
