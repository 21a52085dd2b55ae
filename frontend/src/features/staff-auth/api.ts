import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { act } from '@/features/staff-kit/act';
import type { DeviceSession, Factors, SessionAnswer, TotpStart } from '@/api/staff';
import { askForPasskey, type CreationJson, makePasskey, type RequestJson } from './webauthn';

const anonymous = true;

export const signIn = (email: string, password: string) =>
  call<SessionAnswer>('POST', 'session/', { body: { email, password }, anonymous });
export const giveCode = (code: string) => call<SessionAnswer>('POST', 'session/totp/', { body: { code }, anonymous });
export const giveRecoveryCode = (code: string) => call<SessionAnswer>('POST', 'session/recovery/', { body: { code }, anonymous });
export const signOut = () => call('DELETE', 'session/', { anonymous });

export async function givePasskey(): Promise<SessionAnswer> {
  const options = await call<RequestJson>('POST', 'session/passkey/options/', { anonymous });
  const credential = await askForPasskey(options);
  return call<SessionAnswer>('POST', 'session/passkey/', { body: { credential }, anonymous });
}

/** Whose set-up link it is; 404 when it was used or its time is over. */
export const setUpQuery = (token: string) =>
  queryOptions({
    queryKey: ['set-up', token],
    queryFn: ({ signal }) => call<{ name: string; email: string }>('GET', `set-up-links/${encodeURIComponent(token)}/`, { signal, anonymous }),
    staleTime: Infinity,
  });

/** The first password of an account, by the link that came from whoever made it. */
export const setPassword = (token: string, password: string) =>
  call<SessionAnswer>('POST', `set-up-links/${encodeURIComponent(token)}/`, { body: { password }, anonymous });

export const factorKeys = { all: ['factors'] as const, sessions: ['staff-sessions'] as const };

export const factorsQuery = queryOptions({
  queryKey: factorKeys.all,
  queryFn: ({ signal }) => call<Factors>('GET', 'factors/', { signal }),
});

export const startTotp = () => act<TotpStart>('POST', 'factors/totp/');
export const confirmTotp = (code: string) => act<{ recovery_codes: string[] }>('POST', 'factors/totp/confirmation/', { body: { code } });
export const newRecoveryCodes = () => act<{ recovery_codes: string[] }>('POST', 'factors/recovery-codes/');
export const removePasskey = (id: string) => act('DELETE', `factors/passkeys/${id}/`);

/** Answers with recovery codes where it is the account's first factor. */
export async function addPasskey(name: string): Promise<string[]> {
  const options = await act<CreationJson>('POST', 'factors/passkeys/options/');
  const credential = await makePasskey(options);
  return (await act<{ recovery_codes: string[] }>('POST', 'factors/passkeys/', { body: { name, credential } })).recovery_codes;
}

export const sessionsQuery = queryOptions({
  queryKey: factorKeys.sessions,
  queryFn: ({ signal }) => call<{ items: DeviceSession[] }>('GET', 'sessions/', { signal }),
});

export const endSession = (id: string) => call('DELETE', `sessions/${id}/`);
