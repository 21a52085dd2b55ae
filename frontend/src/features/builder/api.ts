import { queryOptions } from '@tanstack/react-query';
import { call } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { MemberRow, Page } from '@/api/types';
import { forServer } from './body';
import type { DraftNode, NodeKind, Place } from './model';
import type { Patch, SavedNode, SaveOutcome } from './save-queue';

export type Visibility = 'public' | 'members' | 'invitation';

export interface DraftCourse {
  id: string;
  title: string;
  summary: string;
  state: 'draft' | 'published' | 'archived';
  visibility: Visibility;
  revision: number;
  version: { id: string; number: number; published_at: string } | null;
}

export interface Draft {
  course: DraftCourse;
  revision: number;
  nodes: DraftNode[];
  changes_since_version: number;
}

interface Note {
  item: string | null;
  title: string;
  words: string;
}

export interface Preview {
  number: number;
  can_publish: boolean;
  changes: { kind: string; item: string; item_kind: string; title: string; words: string }[];
  problems: Note[];
  warnings: Note[];
}

/** A film of the library, as far as the builder shows it. */
export interface Asset {
  id: string;
  title: string;
  kind: 'video' | 'audio';
  state: 'uploading' | 'processing' | 'playable' | 'ready' | 'failed';
  stage: { name: string; progress_permille: number; eta_seconds: number | null } | null;
  stages: { name: string; state: string; progress_permille: number }[];
  duration_ms: number | null;
  width: number | null;
  height: number | null;
  size_bytes: number | null;
  has_audio: boolean | null;
  poster_url: string | null;
  error: { code: string; title: string; detail: string; retryable?: boolean } | null;
  /** Why its conversion does not begin yet; it begins by itself. */
  waits: { code: string; title: string; detail: string } | null;
  captions: { language: string; label?: string; kind: string; is_default: boolean }[];
  used_in: number;
  created_at: string;
  revision: number;
}

export interface RosterEntry {
  id: string;
  member: { id: string; name: string; email: string | null };
  state: string;
  progress: { percent_permille: number };
}

const base = (course: string) => `courses/${course}`;

export const builderKeys = {
  course: (course: string) => ['courses', course] as const,
  draft: (course: string) => ['courses', course, 'draft'] as const,
  node: (course: string, item: string) => ['courses', course, 'nodes', item] as const,
  preview: (course: string) => ['courses', course, 'preview'] as const,
  roster: (course: string) => ['courses', course, 'roster'] as const,
};

export const draftQuery = (course: string) =>
  queryOptions({
    queryKey: builderKeys.draft(course),
    queryFn: ({ signal }) => call<Draft>('GET', `${base(course)}/draft/`, { signal }),
    placeholderData: undefined,
  });

export const previewQuery = (course: string) =>
  queryOptions({
    queryKey: builderKeys.preview(course),
    queryFn: ({ signal }) => call<Preview>('GET', `${base(course)}/publication-preview/`, { signal }),
    placeholderData: undefined,
  });

export const readNode = (course: string, item: string, signal?: AbortSignal) =>
  call<SavedNode>('GET', `${base(course)}/draft/nodes/${item}/`, signal ? { signal } : {});

const UNDER_WAY_MS = 2_000;

/** Nothing more will happen to it by itself. */
export const isSettled = (asset: Asset) =>
  asset.state === 'ready' || asset.state === 'failed' || (asset.state === 'playable' && asset.stage === null && asset.error !== null);

export const assetQuery = (asset: string) =>
  queryOptions({
    queryKey: ['assets', asset] as const,
    queryFn: ({ signal }) => call<Asset>('GET', `assets/${asset}/`, { signal }),
    placeholderData: undefined,
    refetchInterval: (query) => (query.state.data && !isSettled(query.state.data) ? UNDER_WAY_MS : false),
  });

/** The newest films; `q` looks for words of a title. */
export const filmsQuery = (q: string) =>
  queryOptions({
    queryKey: ['assets', 'films', q] as const,
    queryFn: ({ signal }) => call<Page<Asset>>('GET', 'assets/', { signal, query: { q, limit: 100 } }).then((page) => page.items),
  });

export const rosterQuery = (course: string) =>
  queryOptions({
    queryKey: builderKeys.roster(course),
    queryFn: ({ signal }) => call<Page<RosterEntry>>('GET', `${base(course)}/enrollments/`, { signal, query: { limit: 100 } }),
    placeholderData: undefined,
  });

export const peopleQuery = queryOptions({
  queryKey: ['members', 'choice'] as const,
  queryFn: ({ signal }) => call<{ items: MemberRow[] }>('GET', 'members/', { signal }).then((page) => page.items),
});

export const enroll = (course: string, member: string, key: string) =>
  call<RosterEntry>('POST', `${base(course)}/enrollments/`, { body: { member }, idempotencyKey: key });

export const addNode = (course: string, kind: NodeKind, title: string, place: Place) =>
  call<SavedNode>('POST', `${base(course)}/draft/nodes/`, { body: { kind, title, ...place }, idempotencyKey: crypto.randomUUID() });

export const moveNode = (course: string, item: string, place: Place) =>
  call<SavedNode>('POST', `${base(course)}/draft/moves/`, { body: { item, ...place } });

export const deleteNode = (course: string, item: string) => call('DELETE', `${base(course)}/draft/nodes/${item}/`);

export const restoreNode = (course: string, item: string) => call<SavedNode>('POST', `${base(course)}/draft/nodes/${item}/restore/`);

export const editCourse = (course: string, revision: number, change: Partial<Pick<DraftCourse, 'title' | 'summary' | 'visibility'>>) =>
  call<DraftCourse>('PATCH', `${base(course)}/`, { body: change, ifMatch: revision });

export const publish = (course: string, note: string, key: string) =>
  call<{ number: number }>('POST', `${base(course)}/publication/`, { body: note ? { note } : {}, idempotencyKey: key });

/** One save of one item, every end of it told apart. */
export async function savePatch(course: string, item: string, patch: Patch, revision: number): Promise<SaveOutcome> {
  const body = patch.body ? { ...patch, body: forServer(patch.body) } : patch;
  try {
    const node = await call<SavedNode>('PATCH', `${base(course)}/draft/nodes/${item}/`, { body, ifMatch: revision, patient: false });
    return { kind: 'saved', node };
  } catch (error) {
    if (!(error instanceof ApiError)) return { kind: 'unreached', offline: false };
    if (error.status === 412) {
      // The refusal carries their version; were it ever left out, it is read.
      const current = error.problem['current'] as SavedNode | undefined;
      try {
        return { kind: 'conflict', current: current ?? (await readNode(course, item)) };
      } catch {
        return { kind: 'unreached', offline: false };
      }
    }
    // A session that ended asks for a login over the page; declined, the work waits here like without a network.
    if (error.retryable || error.status === 401) return { kind: 'unreached', offline: error.status === 0, retryAfterSeconds: error.retryAfterSeconds };
    return { kind: 'refused', detail: Object.values(error.fieldErrors)[0] ?? error.detail };
  }
}
