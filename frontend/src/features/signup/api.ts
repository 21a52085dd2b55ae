import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Availability, SignUpStarted, SignUpStatus, Terms } from '@/api/types';

export const availabilityQuery = (slug: string) =>
  queryOptions({
    queryKey: ['slug', slug],
    queryFn: ({ signal }) => call<Availability>('GET', `slugs/${encodeURIComponent(slug)}/`, { signal, anonymous: true }),
    staleTime: 20_000,
    retry: 1,
  });

export const termsQuery = queryOptions({
  queryKey: ['terms'],
  queryFn: ({ signal }) => call<Terms>('GET', 'terms/', { signal, anonymous: true }),
  staleTime: 300_000,
});

export interface SignUpRequest {
  organization_name: string;
  slug: string;
  name: string;
  email: string;
  password: string;
  terms_version: string;
}

export const startSignUp = (body: SignUpRequest) => call<SignUpStarted>('POST', 'sign-ups/', { body, anonymous: true });

export const sendCode = (token: string, code: string) =>
  call<SignUpStatus>('POST', `sign-ups/${token}/code/`, { body: { code }, anonymous: true });

export const resendCode = (token: string) =>
  call<{ resend_at: string }>('POST', `sign-ups/${token}/code-resend/`, { anonymous: true });

export const signUpStatus = (token: string, signal?: AbortSignal) =>
  call<SignUpStatus>('GET', `sign-ups/${token}/`, { anonymous: true, ...(signal ? { signal } : {}) });

export const prepareHandOver = (token: string, nonceHash: string) =>
  call<{ code: string; location: string }>('POST', `sign-ups/${token}/hand-over/`, {
    body: { nonce_hash: nonceHash },
    anonymous: true,
  });
