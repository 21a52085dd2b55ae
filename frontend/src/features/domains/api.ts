import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { AddressPreview, DomainRow, Domains, Renamed } from '@/api/types';

export const domainsQuery = queryOptions({
  queryKey: ['domains'],
  queryFn: ({ signal }) => call<Domains>('GET', 'domains/', { signal }),
  // The server looks by itself every hour; who waits here should see it.
  refetchInterval: (query) => (query.state.data?.items.some((row) => row.state !== 'active') ? 60_000 : false),
});

export const addressPreviewQuery = (slug: string) =>
  queryOptions({
    queryKey: ['address-preview', slug],
    queryFn: ({ signal }) => call<AddressPreview>('GET', `domains/address-previews/${encodeURIComponent(slug)}/`, { signal }),
    staleTime: 10_000,
  });

export const claimDomain = (host: string) => call<DomainRow>('POST', 'domains/', { body: { host } });
export const checkDomain = (id: string) => call<DomainRow>('POST', `domains/${id}/check/`);
export const releaseDomain = (id: string) => call('DELETE', `domains/${id}/`);
export const makePrimary = (id: string) => call<Domains>('PUT', 'domains/primary/', { body: { id } });
export const rename = (slug: string) => call<Renamed>('PUT', 'domains/address/', { body: { slug } });
