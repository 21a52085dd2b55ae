import type { ReactNode } from 'react';
import type { Announcement } from '@/api/staff';
import { Notice } from '@/ui/notice';

/** An announcement as people see it: its first sentence, then the rest. */
export function AnnouncementNotice({ tone, title, body, action }: Pick<Announcement, 'tone' | 'title' | 'body'> & { action?: ReactNode }) {
  return (
    <Notice tone={tone} title={title} className="rounded-2! py-2.5!" action={action}>
      <span className="whitespace-pre-line">{body}</span>
    </Notice>
  );
}
