import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { OrganizationPage, SavedView } from '@/api/staff';
import { type OrganizationsSearch, serverQuery } from './search';

export const organizationsKeys = { all: ['organizations'] as const, views: ['saved-views'] as const };

export const organizationsQuery = (search: OrganizationsSearch) =>
  queryOptions({
    queryKey: [...organizationsKeys.all, 'list', serverQuery(search)],
    queryFn: ({ signal }) => call<OrganizationPage>('GET', 'organizations/', { signal, query: serverQuery(search) }),
  });

/** The few best matches, for the search of the strip. */
export const lookupQuery = (q: string) =>
  queryOptions({
    queryKey: [...organizationsKeys.all, 'lookup', q],
    queryFn: ({ signal }) => call<OrganizationPage>('GET', 'organizations/', { signal, query: { q, limit: 8 } }),
    enabled: q !== '',
  });

export const viewsQuery = queryOptions({
  queryKey: organizationsKeys.views,
  queryFn: ({ signal }) => call<{ items: SavedView[] }>('GET', 'saved-views/', { signal }),
});

export const saveView = (name: string, query: string) => call<SavedView>('POST', 'saved-views/', { body: { name, query } });
export const forgetView = (id: string) => call('DELETE', `saved-views/${id}/`);
