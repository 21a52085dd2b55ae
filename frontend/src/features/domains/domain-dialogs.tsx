import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/errors';
import type { DomainRow } from '@/api/types';
import { Button, buttonClass } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { domainsQuery, makePrimary, releaseDomain } from './api';
import { leadsElsewhere } from './states';

function Failed({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <Notice tone="danger" live title={<Trans>Nothing was changed.</Trans>}>
      {error instanceof ApiError ? error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
    </Notice>
  );
}

/** Removing can't be undone by a press: the domain has to be proved again. So it is asked. */
export function ReleaseDialog({ row, open, onClose }: { row: DomainRow; open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () => releaseDomain(row.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: domainsQuery.queryKey });
      toast(t`${row.shown} is removed`);
      onClose();
    },
  });
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      alert
      title={<Trans>Remove {row.shown}?</Trans>}
      description={
        row.state === 'active' ? (
          <Trans>It leads nowhere at once. To use it again you prove it again, with a new record. Then delete both DNS records.</Trans>
        ) : (
          <Trans>To use it later you prove it with a new record.</Trans>
        )
      }
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={send.isPending} onClick={() => send.mutate()}>
            <Trans>Remove domain</Trans>
          </Button>
        </>
      }
    >
      {send.error ? <Failed error={send.error} /> : null}
    </Dialog>
  );
}

interface PrimaryProps {
  id: string;
  host: string;
  url: string;
  open: boolean;
  onClose: () => void;
}

/** Where pages, links and mails lead from now on; a session belongs to a host, so everybody signs in once more. */
export function PrimaryDialog({ id, host, url, open, onClose }: PrimaryProps) {
  const client = useQueryClient();
  const [done, setDone] = useState(false);
  const send = useMutation({
    mutationFn: () => makePrimary(id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: domainsQuery.queryKey });
      if (leadsElsewhere(host)) return setDone(true);
      toast(t`${host} is primary`);
      onClose();
      return undefined;
    },
  });
  if (done) {
    return (
      <Dialog
        open
        onOpenChange={() => undefined}
        sticky
        size="sm"
        title={<Trans>{host} is primary</Trans>}
        description={<Trans>Pages lead there now. Sign in once more at {host}.</Trans>}
        actions={
          <a href={`${url}/studio/settings/domains`} className={buttonClass('primary')}>
            <Trans>Go there</Trans>
          </a>
        }
      />
    );
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      title={<Trans>Make {host} primary?</Trans>}
      description={
        <Trans>
          Pages of your other addresses lead there, and mails name it. Everybody signs in once more, you too. Nothing else changes.
        </Trans>
      }
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button variant="primary" loading={send.isPending} onClick={() => send.mutate()}>
            <Trans>Make it primary</Trans>
          </Button>
        </>
      }
    >
      {send.error ? <Failed error={send.error} /> : null}
    </Dialog>
  );
}
