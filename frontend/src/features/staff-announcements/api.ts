import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Announcement } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

export const announcementKeys = { all: ['announcements'] as const };

export const announcementsQuery = queryOptions({
  queryKey: announcementKeys.all,
  queryFn: ({ signal }) => call<{ items: Announcement[] }>('GET', 'announcements/', { signal }),
});

/** What this person sees in the console now. */
export const currentAnnouncementsQuery = queryOptions({
  queryKey: [...announcementKeys.all, 'current'],
  queryFn: ({ signal }) => call<{ items: Announcement[] }>('GET', 'announcements/current/', { signal }),
  refetchInterval: 60_000,
});

export type AnnouncementDraft = Omit<Announcement, 'id' | 'state'>;

export const addAnnouncement = (draft: AnnouncementDraft) => act<Announcement>('POST', 'announcements/', { body: draft });
export const changeAnnouncement = (id: string, draft: Partial<AnnouncementDraft>) => act<Announcement>('PATCH', `announcements/${id}/`, { body: draft });
export const removeAnnouncement = (id: string) => act('DELETE', `announcements/${id}/`);
