import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { components } from '@/api/schema';
import type { MeAnswer } from '@/api/types';
import { updateBoot } from '@/lib/boot';

type Schemas = components['schemas'];

export type Security = Schemas['SecurityOut'];
export type Passkey = Schemas['PasskeyOut'];
export type DeviceSession = Schemas['SessionOut'];
export type EmailChange = Schemas['EmailChangeOut'];
export type SecurityPolicy = Schemas['PolicyOut'];
export type PolicyLevel = SecurityPolicy['level'];

const ALLAUTH = '/_allauth/browser/v1';
const AUTHENTICATORS = `${ALLAUTH}/account/authenticators`;

export const accountKeys = { security: ['account', 'security'] as const, sessions: ['account', 'sessions'] as const };

export const securityQuery = queryOptions({
  queryKey: accountKeys.security,
  queryFn: ({ signal }) => call<Security>('GET', 'me/security/', { signal }),
});

export const sessionsQuery = queryOptions({
  queryKey: accountKeys.sessions,
  queryFn: async ({ signal }) => (await call<{ items: DeviceSession[] }>('GET', 'me/sessions/', { signal })).items,
});

export const emailChangeQuery = queryOptions({
  queryKey: ['account', 'email-change'],
  queryFn: ({ signal }) => call<EmailChange>('GET', 'me/email-change/', { signal }),
});

export const policyQuery = queryOptions({
  queryKey: ['account', 'policy'],
  queryFn: ({ signal }) => call<SecurityPolicy>('GET', 'security-policy/', { signal }),
});

function takeMe({ csrf, ...me }: MeAnswer): void {
  updateBoot({ me, csrf });
}

export const saveProfile = async (profile: { name: string; locale: string; zone: string }) =>
  takeMe(await call<MeAnswer>('PATCH', 'me/', { body: profile }));

/** Reads who is signed in anew: after a factor was set up, what was closed is open. */
export const refreshStanding = async () => takeMe(await call<MeAnswer>('GET', 'me/'));

export const beginEmailChange = (email: string) => call<EmailChange>('POST', 'me/email-change/', { body: { email } });
export const cancelEmailChange = () => call('DELETE', 'me/email-change/');
export const confirmEmailChange = async (code: string) =>
  takeMe(await call<MeAnswer>('POST', 'me/email-change/confirmation/', { body: { code } }));

export const endSession = (id: number) => call('DELETE', `me/sessions/${id}/`);
export const endOtherSessions = () => call<{ ended: number }>('DELETE', 'me/sessions/');

export const changePassword = (current: string, next: string) =>
  call('POST', `${ALLAUTH}/account/password/change`, { body: { current_password: current, new_password: next } });

export const savePolicy = (level: PolicyLevel) => call<SecurityPolicy>('PUT', 'security-policy/', { body: { level } });

// -- factors: a 401 of these asks for a fresh proof of identity, it is not the end of the session ---------------------

export interface NewApp {
  secret: string;
  totp_url: string;
  totp_svg: string;
}

/** A new seed for an authenticator app. The server answers 404: there is none yet, and here is one to take. */
export async function beginApp(): Promise<NewApp> {
  try {
    await call('GET', `${AUTHENTICATORS}/totp`, { anonymous: true });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return error.problem['meta'] as NewApp;
    throw error;
  }
  throw new Error('An authenticator app is set up already.');
}

export const confirmApp = (code: string) => call('POST', `${AUTHENTICATORS}/totp`, { body: { code }, anonymous: true });
export const removeApp = () => call('DELETE', `${AUTHENTICATORS}/totp`, { anonymous: true });

/** Makes a passkey on this device and adds it. Rejects with a DOMException where the person says no. */
export async function addPasskey(name: string): Promise<void> {
  const { makePasskey } = await import('@/features/auth/webauthn');
  const path = `${AUTHENTICATORS}/webauthn`;
  const { data } = await call<{ data: { creation_options: unknown } }>('GET', path, { query: { passwordless: true }, anonymous: true });
  const credential = await makePasskey(data.creation_options);
  await call('POST', path, { body: { name, credential, passwordless: true }, anonymous: true });
}

export const renamePasskey = (id: number, name: string) =>
  call('PUT', `${AUTHENTICATORS}/webauthn`, { body: { id, name }, anonymous: true });
export const removePasskey = (id: number) =>
  call('DELETE', `${AUTHENTICATORS}/webauthn`, { body: { authenticators: [id] }, anonymous: true });

interface CodesAnswer {
  data: { unused_codes?: string[] };
}

/** The recovery codes that were made with the first factor: shown once. Empty where they were shown before. */
export const freshCodes = async () =>
  (await call<CodesAnswer>('GET', `${AUTHENTICATORS}/recovery-codes`, { anonymous: true })).data.unused_codes ?? [];
export const renewCodes = async () =>
  (await call<CodesAnswer>('POST', `${AUTHENTICATORS}/recovery-codes`, { body: {}, anonymous: true })).data.unused_codes ?? [];

// -- a fresh proof of identity ----------------------------------------------------------------------------------------

export const confirmByPassword = (password: string) =>
  call('POST', `${ALLAUTH}/auth/reauthenticate`, { body: { password }, anonymous: true });
export const confirmByCode = (code: string) =>
  call('POST', `${ALLAUTH}/auth/2fa/reauthenticate`, { body: { code }, anonymous: true });

export async function confirmByPasskey(): Promise<void> {
  const { usePasskey } = await import('@/features/auth/webauthn');
  const path = `${ALLAUTH}/auth/webauthn/reauthenticate`;
  const { data } = await call<{ data: { request_options: unknown } }>('GET', path, { anonymous: true });
  await call('POST', path, { body: { credential: await usePasskey(data.request_options) }, anonymous: true });
}

/** Whether a refusal asks for a fresh proof of identity: by our endpoints, or by those of signing in. */
export function asksForProof(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.code === 'reauthentication_required') return true;
  const meta = error.problem['meta'] as { is_authenticated?: boolean } | undefined;
  return error.status === 401 && meta?.is_authenticated === true;
}
