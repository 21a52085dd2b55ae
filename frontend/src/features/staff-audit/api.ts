import { infiniteQueryOptions } from '@tanstack/react-query';
import { API, call } from '@/api/client';
import type { AuditEntry } from '@/api/staff';
import type { Page } from '@/api/types';

export interface AuditFilter {
  organization?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
}

export const auditQuery = ({ organization, actor, action }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', { organization, actor, action }],
    initialPageParam: 'audit-entries/',
    queryFn: ({ pageParam, signal }) =>
      call<Page<AuditEntry>>('GET', pageParam, { signal, ...(pageParam === 'audit-entries/' ? { query: { organization, actor, action } } : {}) }),
    getNextPageParam: (last) => last.next,
  });

/** The same entries as a file. */
export function auditCsv(filter: AuditFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  const text = query.toString();
  return `${API}/audit-entries.csv/${text ? `?${text}` : ''}`;
}
