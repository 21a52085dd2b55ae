import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { SupportAccess, SupportGrant } from '@/api/types';

export type SupportMode = SupportAccess['mode'];

export const supportQuery = queryOptions({
  queryKey: ['support-access'],
  queryFn: ({ signal }) => call<SupportAccess>('GET', 'support-access/', { signal }),
  // Whoever asks is waiting, and whoever is inside may leave.
  refetchInterval: (query) => (query.state.data?.items.some((grant) => grant.state !== 'ended') ? 10_000 : 60_000),
});

export const chooseMode = (mode: SupportMode) => call<SupportAccess>('PUT', 'support-access/', { body: { mode } });
export const answerGrant = (id: string, answer: 'approval' | 'refusal' | 'end') =>
  call<SupportGrant>('POST', `support-access/${id}/${answer}/`);

export const enter = (code: string) =>
  call<{ next: string }>('POST', 'support-session/', { body: { code }, anonymous: true });
export const leave = () => call('DELETE', 'support-session/', { anonymous: true });
