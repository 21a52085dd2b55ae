import { t } from '@lingui/core/macro';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { call } from '@/api/client';
import { type BootAnnouncement, boot } from '@/lib/boot';
import { useMe } from '@/lib/permissions';
import { IconButton } from '@/ui/icon-button';
import { Notice } from '@/ui/notice';
import { dismiss, dismissedBy } from './dismissed';

const LOOK_AGAIN_MS = 5 * 60_000;

/** Open pages look again now and then: what is announced during an hour's lesson is seen in it. */
const currentQuery = (surface: 'learn' | 'studio') =>
  queryOptions({
    queryKey: ['announcements', surface],
    queryFn: async ({ signal }) => {
      const answer = await call<{ items: BootAnnouncement[] }>('GET', 'announcements/', { query: { surface }, signal, anonymous: true });
      return answer.items;
    },
    initialData: () => boot().announcements,
    staleTime: LOOK_AGAIN_MS,
    refetchInterval: LOOK_AGAIN_MS,
    retry: false,
  });

/** What the platform tells this person now, above the page, until they put it away. Nothing where there is nothing. */
export function Announcements({ surface, className = '' }: { surface: 'learn' | 'studio'; className?: string }) {
  const me = useMe();
  return me ? <For key={me.member.id} member={me.member.id} surface={surface} className={className} /> : null;
}

function For({ member, surface, className }: { member: string; surface: 'learn' | 'studio'; className: string }) {
  const { data } = useQuery(currentQuery(surface));
  const [away, setAway] = useState(() => dismissedBy(member));
  const shown = data.filter((one) => !away.includes(one.id));
  if (shown.length === 0) return null;
  return (
    <section aria-label={t`Announcements`} className={`grid gap-2 ${className}`}>
      {shown.map((one) => (
        <Notice
          key={one.id}
          tone={one.tone}
          title={one.title}
          className="rounded-2! py-2.5!"
          action={<IconButton size="sm" icon={X} iconSize={16} label={t`Put “${one.title}” away`} onClick={() => setAway(dismiss(member, one.id))} />}
        >
          {one.body ? <span className="whitespace-pre-line">{one.body}</span> : null}
        </Notice>
      ))}
    </section>
  );
}
