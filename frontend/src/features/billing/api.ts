import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Page } from '@/api/types';
import type { Billing, Cancellation, Invoice, Preview, Wish } from './model';

export const billingKeys = { all: ['billing'] as const, invoices: ['billing', 'invoices'] as const };

export const billingQuery = queryOptions({
  queryKey: [...billingKeys.all, 'state'],
  queryFn: ({ signal }) => call<Billing>('GET', 'billing/', { signal }),
});

export const invoicesQuery = infiniteQueryOptions({
  queryKey: billingKeys.invoices,
  initialPageParam: 'invoices/',
  queryFn: ({ pageParam, signal }) => call<Page<Invoice>>('GET', pageParam, { signal }),
  getNextPageParam: (last) => last.next,
});

/** What a change would cost, asked of Stripe. Always asked anew: an old answer is no answer. */
export const previewQuery = (wish: Wish) =>
  queryOptions({
    queryKey: [...billingKeys.all, 'preview', wish],
    queryFn: ({ signal }) => call<Preview>('POST', 'plan-previews/', { body: wish, signal, idempotencyKey: crypto.randomUUID() }),
    staleTime: 0,
    gcTime: 0,
    placeholderData: undefined,
    refetchOnWindowFocus: false,
  });

export const cancellationQuery = queryOptions({
  queryKey: [...billingKeys.all, 'cancellation'],
  queryFn: ({ signal }) => call<Cancellation>('GET', 'cancellation/', { signal }),
  staleTime: 0,
});

export const changePlan = (wish: Wish, token: string, idempotencyKey: string) =>
  call<Billing>('POST', 'plan-changes/', { body: { ...wish, token }, idempotencyKey });

export const openCheckout = (wish: Wish & { currency: string }, idempotencyKey: string) =>
  call<{ url: string }>('POST', 'checkout-sessions/', { body: wish, idempotencyKey });

export const openPortal = () => call<{ url: string }>('POST', 'portal-sessions/', { body: {}, idempotencyKey: crypto.randomUUID() });

/** Where the card's owner tells its bank that a change is theirs; it leads back to the change. */
export const confirmCard = (wish: Wish) => call<{ url: string }>('POST', 'card-confirmations/', { body: wish, idempotencyKey: crypto.randomUUID() });

export const saveAccount = (change: Partial<Billing['account']>) => call<Billing>('PATCH', 'billing/', { body: change });

export const cancelPlan = (reason: string, comment: string, idempotencyKey: string) =>
  call<Cancellation>('POST', 'cancellation/', { body: { reason, comment }, idempotencyKey });

export const keepPlan = () => call<Cancellation>('DELETE', 'cancellation/');
