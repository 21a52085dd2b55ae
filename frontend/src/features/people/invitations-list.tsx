import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link2, MailX, Send } from 'lucide-react';
import { useState } from 'react';
import { ApiError } from '@/api/errors';
import type { Invitation } from '@/api/types';
import { day } from '@/lib/time';
import { roleName } from '@/lib/roles';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { copyLink, peopleKeys, resendInvitation, withdrawInvitation } from './api';

/** Invitations of one state; those that wait can be sent again, handed over or withdrawn. */
export function InvitationsList({ invitations, mayManage }: { invitations: readonly Invitation[]; mayManage: boolean }) {
  const [asked, setAsked] = useState<Invitation | null>(null);
  return (
    <>
      <ul aria-label={t`Invitations`}>
        {invitations.map((invitation) => (
          <Row key={invitation.id} invitation={invitation} mayManage={mayManage} onWithdraw={() => setAsked(invitation)} />
        ))}
      </ul>
      {asked ? <Withdraw invitation={asked} onClose={() => setAsked(null)} /> : null}
    </>
  );
}

function Row({ invitation, mayManage, onWithdraw }: { invitation: Invitation; mayManage: boolean; onWithdraw: () => void }) {
  const client = useQueryClient();
  const resend = useMutation({
    mutationFn: () => resendInvitation(invitation.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: peopleKeys.invitations });
      toast(t`Sent again. The link before no longer works.`);
    },
  });
  const link = useMutation({
    mutationFn: () => copyLink(invitation.id),
    onSuccess: async ({ url }) => {
      void client.invalidateQueries({ queryKey: peopleKeys.invitations });
      await navigator.clipboard.writeText(url);
      toast(t`Link copied. It is theirs alone, and the link before no longer works.`);
    },
  });
  const waiting = invitation.state === 'open' || invitation.state === 'expired';
  const failed = resend.error ?? link.error;
  return (
    <li className="grid gap-2 border-t border-line py-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-[200px] flex-1">
          <p className="truncate font-medium">
            <bdi>{invitation.email}</bdi>
          </p>
          <p className="t-xs text-text-3">
            <Trans>
              {roleName(invitation.role)} · sent {day(invitation.sent_at)}
            </Trans>
          </p>
        </div>
        <InvitationStatus invitation={invitation} />
        {mayManage && waiting ? (
          <div className="flex flex-wrap gap-1">
            <Button size="sm" variant="ghost" icon={<Icon as={Link2} />} loading={link.isPending} onClick={() => link.mutate()}>
              {link.isPending ? <Trans>Making it</Trans> : <Trans>Copy link</Trans>}
            </Button>
            <Button size="sm" icon={<Icon as={Send} />} loading={resend.isPending} onClick={() => resend.mutate()}>
              {resend.isPending ? <Trans>Sending</Trans> : <Trans>Send again</Trans>}
            </Button>
            <Button size="sm" variant="ghost" icon={<Icon as={MailX} />} onClick={onWithdraw}>
              <Trans>Withdraw</Trans>
            </Button>
          </div>
        ) : null}
      </div>
      {failed ? <Notice tone="danger" live title={failed instanceof ApiError ? failed.detail : t`Not done. Try again.`} /> : null}
    </li>
  );
}

function InvitationStatus({ invitation }: { invitation: Invitation }) {
  switch (invitation.state) {
    case 'accepted':
      return <Status tone="fine" className="text-text-2">{t`Accepted`}</Status>;
    case 'withdrawn':
      return <Status tone="off" className="text-text-2">{t`Withdrawn`}</Status>;
    case 'expired':
      return <Status tone="look" className="text-text-2">{t`Link expired`}</Status>;
    case 'open':
      return (
        <Status tone="running" className="text-text-2">
          <Trans>Works until {day(invitation.expires_at)}</Trans>
        </Status>
      );
  }
}

function Withdraw({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => withdrawInvitation(invitation.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: peopleKeys.invitations });
      toast(t`Invitation withdrawn`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      alert
      size="sm"
      onOpenChange={(open) => open || onClose()}
      title={
        <Trans>
          Withdraw the invitation for <bdi className="wrap-anywhere">{invitation.email}</bdi>?
        </Trans>
      }
      description={<Trans>The link in the mail stops working at once. You can invite the address again.</Trans>}
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {withdraw.isPending ? <Trans>Withdrawing</Trans> : <Trans>Withdraw invitation</Trans>}
          </Button>
        </>
      }
    >
      {withdraw.error ? (
        <Notice tone="danger" live title={withdraw.error instanceof ApiError ? withdraw.error.detail : t`Not withdrawn. Try again.`} />
      ) : null}
    </Dialog>
  );
}
