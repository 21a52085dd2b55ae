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

/** A second factor that can finish a sign-in. */
export type FactorType = 'totp' | 'webauthn' | 'recovery_codes';

/** How a sign-in went: in, or a second step stands between, with what may be given there. */
export type SignInResult = { state: 'in' } | { state: 'second_step'; types: readonly FactorType[] };

const IN: SignInResult = { state: 'in' };

/** Signs in. A wrong pair is an ApiError 400 on `password`; being signed in already counts as in. */
export const signIn = (credentials: Credentials) => stepped(call('POST', `${AUTH}/login`, { body: credentials, anonymous: true }));

/** A code of the authenticator app, or a recovery code. */
export const giveCode = (code: string) => stepped(call('POST', `${AUTH}/2fa/authenticate`, { body: { code }, anonymous: true }));

/** Asks the browser for a passkey as the second step. */
export const givePasskey = () => withPasskey(`${AUTH}/webauthn/authenticate`);

/** Signs in with a passkey alone: it knows who one is. */
export const signInWithPasskey = () => withPasskey(`${AUTH}/webauthn/login`);

async function withPasskey(path: string): Promise<SignInResult> {
  const { usePasskey } = await import('./webauthn');
  const { data } = await call<{ data: { request_options: unknown } }>('GET', path, { anonymous: true });
  const credential = await usePasskey(data.request_options);
  return stepped(call('POST', path, { body: { credential }, anonymous: true }));
}

/** Reads what a step of signing in answered. */
async function stepped(answer: Promise<unknown>): Promise<SignInResult> {
  try {
    await answer;
    return IN;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409) return IN;
    const pending = error.status === 401 ? pendingFlow(error) : undefined;
    if (pending?.id === 'mfa_authenticate') return { state: 'second_step', types: pending.types ?? [] };
    throw error;
  }
}

interface Flow {
  id: string;
  is_pending?: boolean;
  types?: FactorType[];
}

/** A 401 of the sign-in endpoints names the step that is left. */
function pendingFlow(error: ApiError): Flow | undefined {
  const data = error.problem['data'] as { flows?: Flow[] } | undefined;
  return data?.flows?.find((flow) => flow.is_pending);
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

/** Sets the new password. Signs in, unless a second step stands between. */
export const resetPassword = (key: string, password: string) =>
  stepped(call('POST', `${AUTH}/password/reset`, { body: { key, password }, anonymous: true }));

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
