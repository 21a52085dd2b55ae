import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Invitation, MemberRow, Page, Role } from '@/api/types';

export const peopleKeys = { all: ['people'] as const, invitations: ['people', 'invitations'] as const };

export const membersQuery = (filter: { q: string | undefined; role: string | undefined }) =>
  infiniteQueryOptions({
    queryKey: [...peopleKeys.all, 'members', filter],
    initialPageParam: 'members/',
    // The next page is an address of this very host that already carries the filter.
    queryFn: ({ pageParam, signal }) =>
      call<Page<MemberRow>>('GET', pageParam, { signal, ...(pageParam === 'members/' ? { query: filter } : {}) }),
    getNextPageParam: (last) => last.next,
  });

export const invitationsQuery = queryOptions({
  queryKey: peopleKeys.invitations,
  queryFn: ({ signal }) => call<Page<Invitation>>('GET', 'invitations/', { signal }),
});

export const invite = (email: string, role: Role, idempotencyKey: string) =>
  call<Invitation>('POST', 'invitations/', { body: { email, role }, idempotencyKey });

export const withdrawInvitation = (id: string) => call('DELETE', `invitations/${id}/`);
export const resendInvitation = (id: string) => call<Invitation>('POST', `invitations/${id}/resend/`);
export const setRoles = (member: string, roles: Role[]) => call<MemberRow>('PUT', `members/${member}/roles/`, { body: { roles } });
