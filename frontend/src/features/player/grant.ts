/** Permission to play one asset for some minutes, as the API gives it. */
export interface Grant {
  sid: string;
  manifest_url: string;
  poster_url: string | null;
  expires_at: string;
  renew_at: string;
  /** `cookie`: the answer set signed cookies. `query`: `query` goes on every media request. */
  kind: 'cookie' | 'query';
  query: string | null;
}

export type GrantRefusal = 'ended' | 'signed-out' | 'busy' | 'paused' | 'network';

export class GrantRefused extends Error {
  constructor(
    readonly reason: GrantRefusal,
    detail?: string,
  ) {
    super(detail ?? reason);
    this.name = 'GrantRefused';
  }
}

/** How grants are got; both reject with GrantRefused. */
export interface GrantSource {
  obtain(): Promise<Grant>;
  renew(sid: string): Promise<Grant>;
}

const SOONEST_MS = 5_000;
const LATEST_MS = 3_600_000;
const RETRY_MS = 15_000;

/**
 * Milliseconds from the answer until the renewal. A grant is renewed at half-life, so the time left after the renewal
 * is the time until it: taken from the grant alone, because the device's clock may be wrong by minutes.
 */
export function renewalDelay(grant: Grant): number {
  const delay = Date.parse(grant.expires_at) - Date.parse(grant.renew_at);
  if (!Number.isFinite(delay)) return LATEST_MS;
  return Math.min(Math.max(delay, SOONEST_MS), LATEST_MS);
}

/**
 * Keeps a grant alive while a player needs it. Renewals run at half-life; after a sleep of the device, on return to
 * the tab and when the edge says 403 they run at once. Only one is ever under way.
 */
export class GrantKeeper {
  #current: Grant | null = null;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #renewing: Promise<Grant> | null = null;
  #closed = false;

  constructor(
    private readonly source: GrantSource,
    private readonly onRenewed: (grant: Grant) => void,
    /** The right to play is gone, in the words of the refusal. Not called for a lost network: that is retried. */
    private readonly onRefused: (refusal: GrantRefused) => void,
    /** A film paused in a hidden tab needs none; it is renewed on return. */
    private readonly needed: () => boolean = () => true,
    private readonly now: () => number = Date.now,
  ) {}

  async open(): Promise<Grant> {
    const grant = await this.source.obtain();
    this.#keep(grant);
    return grant;
  }

  /** A fresh grant now; callers at the same moment share one request. */
  renew(): Promise<Grant> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** Renews if the time for it passed while nobody could act: a closed lid, a throttled tab. */
  wake(): void {
    if (this.now() >= this.#dueAtMs) void this.#renewQuietly();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #renewOnce(): Promise<Grant> {
    const sid = this.#current?.sid;
    let grant: Grant;
    try {
      grant = sid ? await this.source.renew(sid) : await this.source.obtain();
    } catch (error) {
      // A session that lapsed while the device slept cannot be renewed, but the right may well still be there.
      if (!sid || !(error instanceof GrantRefused) || error.reason !== 'ended') throw error;
      grant = await this.source.obtain();
    }
    this.#keep(grant);
    if (!this.#closed) this.onRenewed(grant);
    return grant;
  }

  #keep(grant: Grant): void {
    this.#current = grant;
    this.#schedule(renewalDelay(grant));
  }

  #schedule(delayMs: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#dueAtMs = this.now() + delayMs;
    this.#timer = setTimeout(() => {
      if (this.needed()) void this.#renewQuietly();
    }, delayMs);
  }

  async #renewQuietly(): Promise<void> {
    try {
      await this.renew();
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof GrantRefused && (error.reason === 'ended' || error.reason === 'signed-out')) this.onRefused(error);
      else this.#schedule(RETRY_MS);
    }
  }
}

/** A media address with the grant's query, where the grant travels that way. */
export function withGrant(url: string, grant: Grant): string {
  if (grant.kind !== 'query' || !grant.query) return url;
  const query = grant.query.replace(/^[?&]/, '');
  // hls.js keeps a resolved address for retries: never add the query twice.
  const bare = url.replace(/[?&](?:Policy|Expires|Signature|Key-Pair-Id|Hash-Algorithm)=[^&#]*/g, (match) => (match.startsWith('?') ? '?' : ''));
  const clean = bare.replace(/\?&/, '?').replace(/\?$/, '');
  return `${clean}${clean.includes('?') ? '&' : '?'}${query}`;
}
