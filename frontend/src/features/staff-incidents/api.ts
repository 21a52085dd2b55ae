import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Incident, IncidentUpdate, PublicStatus } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

export const incidentKeys = { all: ['incidents'] as const, status: ['incidents', 'status'] as const };

export const incidentsQuery = queryOptions({
  queryKey: [...incidentKeys.all, 'list'],
  queryFn: ({ signal }) => call<{ items: Incident[] }>('GET', 'incidents/', { signal }),
  refetchInterval: 60_000,
});

/** What the public page says now. */
export const statusQuery = queryOptions({
  queryKey: incidentKeys.status,
  queryFn: ({ signal }) => call<PublicStatus>('GET', 'status/', { signal }),
  refetchInterval: 60_000,
});

export interface IncidentDraft {
  title: string;
  impact: Incident['impact'];
  parts: Incident['parts'];
  body: string;
  started_at: string | null;
}

export const beginIncident = (draft: IncidentDraft) => act<Incident>('POST', 'incidents/', { body: draft });
export const correctIncident = (id: string, change: Partial<Pick<Incident, 'title' | 'impact' | 'parts'>>) => act<Incident>('PATCH', `incidents/${id}/`, { body: change });
export const sayMore = (id: string, said: Pick<IncidentUpdate, 'state' | 'body'>) => act<Incident>('POST', `incidents/${id}/updates/`, { body: said });
