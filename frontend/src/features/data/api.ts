import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { DataExport, ExportLink } from '@/api/types';

const POLL_MS = 1500;

/** Whether an export is still being made. */
export const isUnderWay = (found: DataExport): boolean => found.state === 'queued' || found.state === 'running';

/** Exports, newest first; asked for again and again while one is being made. */
export const exportsQuery = queryOptions({
  queryKey: ['exports'],
  queryFn: ({ signal }) => call<{ items: DataExport[] }>('GET', 'exports/', { signal }),
  refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? POLL_MS : false),
});

export const startExport = (): Promise<DataExport> => call('POST', 'exports/');
export const removeExport = (id: string): Promise<void> => call('DELETE', `exports/${id}/`);
export const makeLink = (id: string): Promise<ExportLink> => call('POST', `exports/${id}/link/`);

/** Sends the browser to the file behind a link; the page stays. */
export async function openFile(id: string, token: string): Promise<void> {
  const { url } = await call<{ url: string }>('POST', `exports/${id}/file/`, { body: { token } });
  window.location.assign(url);
}

/** The export and token of a download link (`#id.token`), as the link that an owner shares carries them. */
export function linkOf(hash: string): { id: string; token: string } | undefined {
  const found = /^#([0-9a-f-]{36})\.([\w-]{20,})$/.exec(hash);
  return found?.[1] && found[2] ? { id: found[1], token: found[2] } : undefined;
}
