import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { components } from '@/api/schema';
import type { Draft } from './draft';

type Schemas = components['schemas'];
export type BrandAnswer = Schemas['BrandOut'];
export type Look = Schemas['LookOut'];
export type BrandImage = Schemas['BrandImageOut'];
export type Version = Schemas['VersionOut'];
export type ImageUse = 'logo_light' | 'logo_dark' | 'favicon' | 'login_image';

export const brandKey = ['brand'] as const;

export const brandQuery = queryOptions({
  queryKey: brandKey,
  queryFn: ({ signal }) => call<BrandAnswer>('GET', 'brand/', { signal }),
  // The editor holds what is typed; a refetch would only fight with it.
  staleTime: Infinity,
});

export const versionsQuery = queryOptions({
  queryKey: [...brandKey, 'versions'],
  queryFn: ({ signal }) => call<{ items: Version[] }>('GET', 'brand/versions/', { signal }).then((answer) => answer.items),
  staleTime: 0,
});

export const mailQuery = (revision: number) =>
  queryOptions({
    queryKey: [...brandKey, 'mail', revision],
    queryFn: ({ signal }) => call<Schemas['SampleMailOut']>('GET', 'brand/mail/', { signal }),
  });

/** A course to show in the preview: the first of the catalogue, or null. */
export const sampleCourseQuery = queryOptions({
  queryKey: [...brandKey, 'sample-course'],
  queryFn: ({ signal }) => call<{ items: { id: string }[] }>('GET', 'catalog/', { signal }).then((answer) => answer.items[0]?.id ?? null),
  staleTime: 60_000,
});

export const saveDraft = (draft: Draft, revision: number) =>
  call<BrandAnswer>('PUT', 'brand/', {
    ifMatch: revision,
    body: {
      ...draft,
      logo_light: draft.logo_light?.id ?? null,
      logo_dark: draft.logo_dark?.id ?? null,
      favicon: draft.favicon?.id ?? null,
      login_image: draft.login_image?.id ?? null,
    },
  });

export const discardDraft = (revision: number) => call<BrandAnswer>('DELETE', 'brand/', { ifMatch: revision });
export const publishDraft = (revision: number) => call<BrandAnswer>('POST', 'brand/publication/', { ifMatch: revision });
export const restoreVersion = (id: string, revision: number) =>
  call<BrandAnswer>('POST', `brand/versions/${id}/restoration/`, { ifMatch: revision });

export const uploadImage = (file: File, use: ImageUse) => call<BrandImage>('POST', 'brand/images/', { query: { use }, body: file });
