/**
 * Small reports that must get out even while the page is being closed.
 *
 * `fetch` with `keepalive` carries the CSRF header; the token is in the body too, for the browsers where the
 * request falls back to `navigator.sendBeacon`, which can set no headers.
 */
export interface BeaconAnswer {
  /** HTTP status; 0 when no answer came (no network), or none can come (sendBeacon while leaving). */
  status: number;
  body: unknown;
  /** Seconds the server asks us to wait, from Retry-After. */
  retryAfterSeconds: number | null;
}

export interface BeaconOptions {
  csrf: string;
  /** The page may be gone before the answer: the browser is asked to finish the request anyway. */
  leaving?: boolean;
}

/** Browsers refuse keepalive bodies over 64 KiB in flight; stay clear of it. */
const KEEPALIVE_LIMIT_BYTES = 60_000;

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** Sends one report. Never throws: what went wrong is in the status. */
export async function sendReport(url: string, payload: Record<string, unknown>, options: BeaconOptions): Promise<BeaconAnswer> {
  const body = JSON.stringify({ ...payload, csrf: options.csrf });
  const keepalive = options.leaving === true && body.length < KEEPALIVE_LIMIT_BYTES;
  try {
    const response = await fetch(url, {
      method: 'POST',
      credentials: 'same-origin',
      keepalive,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': options.csrf },
      body,
    });
    const type = response.headers.get('Content-Type') ?? '';
    return {
      status: response.status,
      body: type.includes('json') ? await response.json().catch(() => null) : null,
      retryAfterSeconds: retryAfter(response),
    };
  } catch {
    if (options.leaving && typeof navigator.sendBeacon === 'function') {
      navigator.sendBeacon(url, new Blob([body], { type: 'application/json' }));
    }
    return { status: 0, body: null, retryAfterSeconds: null };
  }
}
