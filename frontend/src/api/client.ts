import { boot } from '@/lib/boot';
import { ApiError, problemOf } from './errors';
import { again, isMoving, moveIsOver, sawMove, wait } from './patience';
import { sessionEnded } from './session';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  query?: Record<string, string | number | boolean | null | undefined>;
  /** Sent as JSON; a file as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The revision that was edited; the server refuses when it has moved on (409 or 412). */
  ifMatch?: number | string;
  /** Makes a repeated POST harmless. Pass the same key when the same act is tried again. */
  idempotencyKey?: string;
  /** A 401 is an answer here (the sign-in forms), not the end of a session. */
  anonymous?: boolean;
  /** Off where the caller has a queue of its own and repeats by itself what the server put off. */
  patient?: boolean;
}

/** Base of the product's own API. */
export const API = '/api/v1';

function address(path: string, query: CallOptions['query']): string {
  const url = path.startsWith('/') ? path : `${API}/${path}`;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${url}?${text}` : url;
}

/**
 * Calls the server and returns the answer's JSON (undefined for 204). `path` is below `/api/v1/` unless it begins with
 * a slash.
 *
 * Adds the token for writes, a request id, and maps every refusal to `ApiError`. When the session has ended, the login
 * dialog opens over the page and the call is repeated after it, so nothing typed is lost. A write that the server put
 * off undone (the organization is being moved, too many at once) is repeated when it said to.
 */
export async function call<Answer = void>(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
  const url = address(path, options.query);
  try {
    return await patiently<Answer>(method, url, options);
  } catch (error) {
    // The support team's access is over: there is no session to take up again.
    if (error instanceof ApiError && error.code === 'support_ended') window.location.assign('/support/ended/');
    const ended = error instanceof ApiError && error.status === 401 && error.code !== 'support_ended' && !options.anonymous;
    // Only a page that had a member can lose one; elsewhere a 401 is simply the answer.
    if (!ended || !boot().me || !(await sessionEnded())) throw error;
    return patiently<Answer>(method, url, options);
  }
}

async function patiently<Answer>(method: Method, url: string, options: CallOptions): Promise<Answer> {
  // Reads are repeated by whoever shows them, who can show meanwhile what was there before.
  if (method === 'GET') return attempt<Answer>(method, url, options);
  const begun = Date.now();
  for (let tries = 0; ; tries += 1) {
    try {
      // One try after the other: the next is made only when the server said no to this one.
      // oxlint-disable-next-line no-await-in-loop
      const answer = await attempt<Answer>(method, url, options);
      moveIsOver();
      return answer;
    } catch (error) {
      if (error instanceof ApiError && isMoving(error)) sawMove(error);
      const delay = options.patient === false ? null : again(error, tries, Date.now() - begun);
      if (delay === null) throw error;
      // The wait that the server asked for.
      // oxlint-disable-next-line no-await-in-loop
      await wait(delay, options.signal);
    }
  }
}

async function attempt<Answer>(method: Method, url: string, options: CallOptions): Promise<Answer> {
  const requestId = crypto.randomUUID();
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Request-ID': requestId, ...options.headers };
  if (method !== 'GET') headers['X-CSRFToken'] = boot().csrf;
  const file = options.body instanceof Blob;
  if (options.body !== undefined && !file) headers['Content-Type'] = 'application/json';
  if (options.ifMatch !== undefined) headers['If-Match'] = `"${options.ifMatch}"`;
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: file ? (options.body as Blob) : JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    const offline = navigator.onLine === false;
    throw new ApiError({
      status: 0,
      code: offline ? 'offline' : 'network',
      detail: offline ? 'You are offline.' : 'The server did not answer. Check your connection.',
      requestId,
    });
  }
  if (!response.ok) {
    const refused = await problemOf(response, requestId);
    if (refused.code === 'second_factor_required') setUpSecondStep();
    throw refused;
  }
  if (response.status === 204 || response.headers.get('Content-Length') === '0') return undefined as Answer;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer;
}

/** The organization asks a second step of this member before anything else: the page for it comes back here. */
function setUpSecondStep(): void {
  const { pathname, search } = window.location;
  if (pathname !== '/account/second-step') window.location.assign(`/account/second-step?next=${encodeURIComponent(pathname + search)}`);
}
