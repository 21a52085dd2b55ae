import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { components } from '@/api/schema';
import type { Invitation, MemberRow, Page, Role } from '@/api/types';

type MemberCounts = components['schemas']['MemberCountsOut'];
type InvitationOutcomes = components['schemas']['InvitationOutcomesOut'];

export const peopleKeys = { all: ['people'] as const, invitations: ['people', 'invitations'] as const };

export type MemberState = MemberRow['state'];
export type InvitationState = Invitation['state'];

export interface MemberFilter {
  q: string | undefined;
  role: string | undefined;
  state: string | undefined;
}

export const membersQuery = (filter: MemberFilter) =>
  infiniteQueryOptions({
    queryKey: [...peopleKeys.all, 'members', filter],
    initialPageParam: 'members/',
    // The next page is an address of this very host that already carries the filter.
    queryFn: ({ pageParam, signal }) =>
      call<Page<MemberRow>>('GET', pageParam, { signal, ...(pageParam === 'members/' ? { query: { ...filter } } : {}) }),
    getNextPageParam: (last) => last.next,
  });

export const invitationsQuery = (state: InvitationState | undefined) =>
  infiniteQueryOptions({
    queryKey: [...peopleKeys.invitations, state ?? 'waiting'],
    initialPageParam: 'invitations/',
    queryFn: ({ pageParam, signal }) =>
      call<Page<Invitation>>('GET', pageParam, { signal, ...(pageParam === 'invitations/' ? { query: { state } } : {}) }),
    getNextPageParam: (last) => last.next,
  });

export const countsQuery = queryOptions({
  queryKey: [...peopleKeys.all, 'counts'],
  queryFn: ({ signal }) => call<MemberCounts>('GET', 'member-counts/', { signal }),
});

export type Seats = components['schemas']['SeatsOut'];

/** How many seats there are, and what one more costs; null where there is no end to them, or nothing is charged. */
export const seatsQuery = queryOptions({
  queryKey: [...peopleKeys.all, 'seats'],
  queryFn: ({ signal }) => call<Seats>('GET', 'seats/', { signal }),
  staleTime: 0,
});

export const inviteMany = (emails: readonly string[], role: Role, days: number, idempotencyKey: string) =>
  call<InvitationOutcomes>('POST', 'invitation-batches/', { body: { emails, role, days }, idempotencyKey });
export const copyLink = (id: string) => call<Invitation & { url: string }>('POST', `invitations/${id}/link/`);

export const suspend = (member: string, reason: string) =>
  call<MemberRow>('PUT', `members/${member}/suspension/`, { body: { reason } });
export const restore = (member: string) => call<MemberRow>('DELETE', `members/${member}/suspension/`);
export const erase = (member: string, reason: string) => call('POST', `members/${member}/erasure/`, { body: { reason } });
export const resetSecondFactor = (member: string, reason: string) =>
  call<MemberRow>('POST', `members/${member}/second-factor-reset/`, { body: { reason } });

export const withdrawInvitation = (id: string) => call('DELETE', `invitations/${id}/`);
export const resendInvitation = (id: string) => call<Invitation>('POST', `invitations/${id}/resend/`);
export const setRoles = (member: string, roles: Role[]) => call<MemberRow>('PUT', `members/${member}/roles/`, { body: { roles } });
