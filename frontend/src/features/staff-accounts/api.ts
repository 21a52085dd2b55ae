import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { StaffAccountRow, StaffRole } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

export const ROLES: readonly StaffRole[] = ['support', 'operations', 'finance'];

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => call<{ items: StaffAccountRow[] }>('GET', 'accounts/', { signal }),
});

export interface NewAccount {
  name: string;
  email: string;
  roles: StaffRole[];
}

/** The answer carries the set-up link, this one time. */
export const addAccount = (account: NewAccount) => act<StaffAccountRow>('POST', 'accounts/', { body: account });

export const changeAccount = (id: string, change: { roles?: StaffRole[]; state?: 'active' | 'suspended'; reason: string }) =>
  act<StaffAccountRow>('PATCH', `accounts/${id}/`, { body: change });

/** Forgets password and factors, ends every session, and answers with a new set-up link. */
export const startOver = (id: string, reason: string) => act<StaffAccountRow>('POST', `accounts/${id}/set-up-link/`, { body: { reason } });
