import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { MeAnswer, Offer } from '@/api/types';
import { updateBoot } from '@/lib/boot';

/** The sign-in endpoints of the organization's host. They live beside the API and answer in their own envelope. */
const AUTH = '/_allauth/browser/v1/auth';

export interface Credentials {
  email: string;
  password: string;
}

/** How a sign-in went: in, or another step stands between. */
export type SignInResult = 'in' | 'verify_email';

/** Signs in. A wrong pair is an ApiError 400 on `password`; being signed in already counts as in. */
export async function signIn(credentials: Credentials): Promise<SignInResult> {
  try {
    await call('POST', `${AUTH}/login`, { body: credentials, anonymous: true });
    return 'in';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409) return 'in';
    if (error.status === 401 && pendingFlow(error) === 'verify_email') return 'verify_email';
    throw error;
  }
}

/** A 401 of the sign-in endpoints names the step that is left. */
function pendingFlow(error: ApiError): string | undefined {
  const data = error.problem['data'] as { flows?: { id: string; is_pending?: boolean }[] } | undefined;
  return data?.flows?.find((flow) => flow.is_pending)?.id;
}

/** Ends the session on this browser; the server answers 401, which is what was asked for. */
export async function signOut(): Promise<void> {
  try {
    await call('DELETE', `${AUTH}/session`, { anonymous: true });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
}

/** Asks who is signed in and takes over the token for writes, which every login replaces. */
export async function refreshMe(): Promise<void> {
  const { csrf, ...me } = await call<MeAnswer>('GET', 'me/', { anonymous: true });
  updateBoot({ me, csrf });
}

/** Sends a link where the address is known; the answer is the same where it is not. */
export const requestReset = (email: string) => call('POST', `${AUTH}/password/request`, { body: { email }, anonymous: true });

/** Whether a link from a mail still works. */
export const resetQuery = (key: string) =>
  queryOptions({
    queryKey: ['password-reset', key],
    queryFn: ({ signal }) =>
      call<{ data: { user: { display?: string; email?: string } } }>('GET', `${AUTH}/password/reset`, {
        headers: { 'X-Password-Reset-Key': key },
        anonymous: true,
        signal,
      }),
    retry: false,
    staleTime: Infinity,
  });

/** Sets the new password. Signs in, unless another step stands between. */
export async function resetPassword(key: string, password: string): Promise<'in' | 'sign-in'> {
  try {
    await call('POST', `${AUTH}/password/reset`, { body: { key, password }, anonymous: true });
    return 'in';
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return 'sign-in';
    throw error;
  }
}

/** Proves an address by the key from a mail. 401 means proved, but not signed in. */
export async function verifyEmail(key: string): Promise<void> {
  try {
    await call('POST', `${AUTH}/email/verify`, { body: { key }, anonymous: true });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
}

export const offerQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => call<Offer>('GET', `invitation-links/${token}/`, { signal, anonymous: true }),
    retry: (failures, error) => failures < 2 && error instanceof ApiError && error.status >= 500,
    staleTime: Infinity,
  });

export const acceptInvitation = (token: string, body: { name: string; password: string }) =>
  call<MeAnswer & { next: string }>('POST', `invitation-links/${token}/acceptance/`, { body, anonymous: true });

/** Spends the code of a sign-up in the browser that holds its nonce. */
export const redeemHandOver = (code: string) =>
  call<{ next: string }>('POST', 'hand-over/', { body: { code }, anonymous: true });
