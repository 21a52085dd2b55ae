import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { BillingPanel, VersionPreview } from '@/api/staff';
import { act } from '@/features/staff-kit/act';
import type { Reason } from '@/features/staff-kit/reason-fields';

export const billingKeys = { one: (id: string) => ['organization', id, 'billing'] as const };

export const billingQuery = (id: string) =>
  queryOptions({
    queryKey: billingKeys.one(id),
    queryFn: ({ signal }) => call<BillingPanel>('GET', `organizations/${id}/billing/`, { signal }),
    refetchInterval: 30_000,
    // Another organization's money is never shown while this one's loads.
    placeholderData: undefined,
  });

const at = (id: string, what: string) => `organizations/${id}/${what}/`;

export const readAgain = (id: string) => act<BillingPanel>('POST', at(id, 'billing/reading'));
export const givePlan = (id: string, wish: { plan: string; seats: number; until: string } & Reason) => act<BillingPanel>('POST', at(id, 'given-plans'), { body: wish });
export const moveTrial = (id: string, wish: { until: string } & Reason) => act<BillingPanel>('POST', at(id, 'trial-extensions'), { body: wish });

/** `key` makes a second press of the same button harmless. */
export const giveCredit = (id: string, wish: { amount_minor: number; currency: string; note: string } & Reason, key: string) =>
  act<BillingPanel>('POST', at(id, 'credits'), { body: wish, idempotencyKey: key });

export const grantFeature = (id: string, feature: string, wish: { value: number | null; expires_at: string | null } & Reason) =>
  act<BillingPanel>('PUT', at(id, `overrides/${feature}`), { body: wish });
export const revokeFeature = (id: string, feature: string, why: Reason) => act<BillingPanel>('POST', at(id, `overrides/${feature}/revocation`), { body: why });

export const previewVersion = (id: string) => act<VersionPreview>('POST', at(id, 'version-previews'));
export const changeVersion = (id: string, wish: { token: string } & Reason) => act<BillingPanel>('POST', at(id, 'version-changes'), { body: wish });
