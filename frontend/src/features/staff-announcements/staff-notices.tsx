import { t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '@/lib/permissions';
import { IconButton } from '@/ui/icon-button';
import { currentAnnouncementsQuery } from './api';
import { AnnouncementNotice } from './announcement-notice';

/** What is announced to the staff now, above every page, until this tab is told to hide it. */
export function StaffNotices() {
  const found = useQuery({ ...currentAnnouncementsQuery, enabled: useCan('support.view') });
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const shown = (found.data?.items ?? []).filter((one) => !hidden.includes(one.id));
  if (shown.length === 0) return null;
  return (
    <div className="grid gap-2 px-3 pt-3 sm:px-5">
      {shown.map((one) => (
        <AnnouncementNotice
          key={one.id}
          tone={one.tone}
          title={one.title}
          body={one.body}
          action={<IconButton size="sm" icon={X} iconSize={14} label={t`Hide`} onClick={() => setHidden([...hidden, one.id])} />}
        />
      ))}
    </div>
  );
}
