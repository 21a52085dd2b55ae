import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { SupportGrant } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

export const supportKeys = { all: ['support-grants'] as const };

export const grantsQuery = ({ organization, open }: { organization?: string; open?: boolean } = {}) =>
  queryOptions({
    queryKey: [...supportKeys.all, { organization, open }],
    queryFn: ({ signal }) => call<{ items: SupportGrant[] }>('GET', 'support-grants/', { signal, query: { organization, open } }),
    // An owner may agree or end it at any moment.
    refetchInterval: (query) => (query.state.data?.items.some((grant) => grant.state !== 'ended') ? 5000 : 60_000),
  });

export interface GrantWish {
  organization: string;
  member: string | null;
  reason: string;
  ticket: string;
  scope: 'read' | 'write';
  minutes: number;
}

export const askForAccess = (wish: GrantWish) => act<SupportGrant>('POST', 'support-grants/', { body: wish });
export const endAccess = (id: string) => act<SupportGrant>('POST', `support-grants/${id}/end/`);
export const endEverything = () => act<{ ended: number }>('POST', 'support-grants/kill/');

/** A code for the browser that holds the nonce; the answer is where it goes. */
export const codeFor = (id: string, nonce: string) =>
  act<{ location: string }>('POST', `support-grants/${id}/code/`, { body: { nonce_sha256: nonce } });
