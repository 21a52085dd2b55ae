import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setBoot } from '@/lib/boot';
import { call } from './client';
import { ApiError } from './errors';
import { whenSessionEnds } from './session';

const me = { member: { id: '1', name: 'A', email: 'a@x.example', locale: 'en', zone: 'UTC' }, roles: ['owner' as const], permissions: [], second_factor: { state: 'on' as const, due_at: null } };

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

const problem = (status: number, code: string, more = {}) =>
  json(status, { type: '/x', title: 'No', status, code, detail: 'Because.', ...more }, { 'X-Request-ID': 'req-9' });

let fetched: ReturnType<typeof vi.fn<typeof fetch>>;

beforeEach(() => {
  fetched = vi.fn<typeof fetch>();
  vi.stubGlobal('fetch', fetched);
  setBoot({ csrf: 'token', me });
});
afterEach(() => vi.unstubAllGlobals());

const request = (at = 0) => ({
  url: String(fetched.mock.calls[at]?.[0]),
  init: fetched.mock.calls[at]?.[1] as RequestInit & { headers: Record<string, string> },
});

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('call', () => {
  it('asks below the API, drops empty filters and takes no token along for reading', async () => {
    fetched.mockResolvedValue(json(200, { items: [] }));
    await expect(call('GET', 'members/', { query: { q: 'a b', role: undefined } })).resolves.toEqual({ items: [] });
    expect(request().url).toBe('/api/v1/members/?q=a+b');
    expect(request().init.headers['X-CSRFToken']).toBeUndefined();
    expect(request().init.headers['X-Request-ID']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends the token, the revision and the idempotency key with a write', async () => {
    fetched.mockResolvedValue(new Response(null, { status: 204 }));
    await call('PATCH', 'x/', { body: { a: 1 }, ifMatch: 7, idempotencyKey: 'k' });
    expect(request().init.headers).toMatchObject({ 'X-CSRFToken': 'token', 'If-Match': '"7"', 'Idempotency-Key': 'k' });
    expect(request().init.body).toBe('{"a":1}');
  });

  it('maps a problem to an error with its fields', async () => {
    fetched.mockResolvedValue(
      problem(422, 'invalid', {
        errors: [
          { pointer: '#/password', code: 'invalid', detail: 'Too common.' },
          { pointer: '#/owner/email', code: 'invalid', detail: 'Not an address.' },
          { pointer: '#/password', code: 'invalid', detail: 'A second sentence.' },
        ],
      }),
    );
    const error = await failure(call('POST', 'x/', { body: {} }));
    expect(error).toMatchObject({ status: 422, code: 'invalid', detail: 'Because.', requestId: 'req-9' });
    expect(error.fieldErrors).toEqual({ password: 'Too common.', 'owner.email': 'Not an address.' });
  });

  it('understands the envelope of the sign-in endpoints', async () => {
    fetched.mockResolvedValue(
      json(400, { status: 400, errors: [{ param: 'password', code: 'email_password_mismatch', message: 'Wrong.' }] }),
    );
    const error = await failure(call('POST', '/_allauth/browser/v1/auth/login', { anonymous: true }));
    expect(error).toMatchObject({ code: 'email_password_mismatch', detail: 'Wrong.', fieldErrors: { password: 'Wrong.' } });
  });

  it('says how long to wait, and that trying again may help', async () => {
    fetched.mockResolvedValue(problem(429, 'too_many_requests', { retry_after_seconds: 60 }));
    const error = await failure(call('GET', 'x/'));
    expect(error.retryAfterSeconds).toBe(60);
    expect(error.retryable).toBe(true);
  });

  it('survives an answer that is no JSON', async () => {
    fetched.mockResolvedValue(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(await failure(call('GET', 'x/'))).toMatchObject({ status: 502, code: 'http_502' });
  });

  it('tells a dead network from a refusal, and lets an abort through', async () => {
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    expect(await failure(call('GET', 'x/'))).toMatchObject({ status: 0, code: 'network' });
    fetched.mockRejectedValueOnce(new DOMException('gone', 'AbortError'));
    await expect(call('GET', 'x/')).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the end of a session', () => {
  it('asks once for all calls, then repeats each', async () => {
    fetched.mockImplementation(async () =>
      fetched.mock.calls.length <= 2 ? problem(401, 'not_authenticated') : json(200, { ok: true }),
    );
    const ask = vi.fn<() => Promise<boolean>>(async () => true);
    const forget = whenSessionEnds(ask);
    await expect(Promise.all([call('GET', 'a/'), call('GET', 'b/')])).resolves.toEqual([{ ok: true }, { ok: true }]);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(fetched).toHaveBeenCalledTimes(4);
    forget();
  });

  it('is the answer itself where nobody was signed in or the page asked for it', async () => {
    const ask = vi.fn<() => Promise<boolean>>(async () => true);
    const forget = whenSessionEnds(ask);
    fetched.mockImplementation(async () => problem(401, 'not_authenticated'));
    expect((await failure(call('GET', 'me/', { anonymous: true }))).status).toBe(401);
    setBoot({ me: null });
    expect((await failure(call('GET', 'me/'))).status).toBe(401);
    expect(ask).not.toHaveBeenCalled();
    forget();
  });

  it('fails when the person does not come back', async () => {
    const forget = whenSessionEnds(async () => false);
    fetched.mockImplementation(async () => problem(401, 'not_authenticated'));
    expect((await failure(call('POST', 'x/'))).code).toBe('not_authenticated');
    expect(fetched).toHaveBeenCalledTimes(1);
    forget();
  });
});
