import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Announcement } from '@/api/staff';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { toast } from '@/ui/toast';
import { announcementKeys, removeAnnouncement } from './api';

export function RemoveDialog({ announcement, onClose }: { announcement: Announcement; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeAnnouncement(announcement.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: announcementKeys.all });
      toast(t`Announcement removed`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Remove “{announcement.title}”?</Trans>}
      description={<Trans>It disappears from every page within a minute.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? <Trans>Removing</Trans> : <Trans>Remove</Trans>}
          </Button>
        </>
      }
    >
      <Problem error={remove.error} />
    </Dialog>
  );
}
