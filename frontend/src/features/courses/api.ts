import { infiniteQueryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Page } from '@/api/types';

/** Courses as the studio reads and writes them. */

export type Visibility = 'public' | 'members' | 'invitation';

export interface Course {
  id: string;
  slug: string;
  title: string;
  summary: string;
  state: 'draft' | 'published' | 'archived';
  visibility: Visibility;
  revision: number;
  draft_revision: number;
  version: { id: string; number: number; published_at: string } | null;
  created_at: string;
  updated_at: string;
}

export const courseKeys = { list: ['courses'] as const };

export const coursesQuery = infiniteQueryOptions({
  queryKey: courseKeys.list,
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) => call<Page<Course>>('GET', 'courses/', { signal, query: { cursor: pageParam } }),
  getNextPageParam: (page) => (page.next ? new URL(page.next, window.location.origin).searchParams.get('cursor') : null),
});

export const createCourse = (title: string) =>
  call<Course>('POST', 'courses/', { body: { title }, idempotencyKey: crypto.randomUUID() });
