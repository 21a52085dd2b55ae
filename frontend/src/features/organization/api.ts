import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Organization = Schemas['OrganizationStateOut'];
export type Effects = Schemas['EffectsOut'];

export const organizationQuery = queryOptions({
  queryKey: ['organization'],
  queryFn: ({ signal }) => call<Organization>('GET', 'organization/', { signal }),
});

/** What asking for the deletion would do now; while it is asked for, what calling it off would do. */
export const deletionEffectsQuery = queryOptions({
  queryKey: ['organization', 'deletion-effects'],
  queryFn: ({ signal }) => call<Effects>('GET', 'organization/deletion/', { signal }),
  // What is shown must be what holds now, and its token is short-lived.
  staleTime: 0,
  gcTime: 0,
});

export const renameOrganization = (name: string) => call<Organization>('PATCH', 'organization/', { body: { name } });

export const askDeletion = (wish: { slug: string; reason: string; token: string }) =>
  call<Organization>('POST', 'organization/deletion/', { body: wish });

export const cancelDeletion = (token: string) =>
  call<Organization>('DELETE', 'organization/deletion/', { query: { token } });
