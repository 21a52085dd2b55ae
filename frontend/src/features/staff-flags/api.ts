import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Flag, FlagRule } from '@/api/staff';
import { act } from '@/features/staff-kit/act';

export const flagsKeys = { all: ['flags'] as const };

export const flagsQuery = queryOptions({
  queryKey: flagsKeys.all,
  queryFn: ({ signal }) => call<{ items: Flag[] }>('GET', 'feature-flags/', { signal }),
});

export interface FlagWords {
  description: string;
  owner: string;
  expires_on: string;
}

export const addFlag = (key: string, words: FlagWords) => act<Flag>('POST', 'feature-flags/', { body: { key, ...words, kill: false } });
export const changeFlag = (key: string, change: Partial<FlagWords> & { kill?: boolean }) => act<Flag>('PATCH', `feature-flags/${key}/`, { body: change });
export const removeFlag = (key: string) => act('DELETE', `feature-flags/${key}/`);
export const setRules = (key: string, rules: readonly FlagRule[]) => act<Flag>('PUT', `feature-flags/${key}/rules/`, { body: { rules } });
