import { withGrant, type Grant } from '../grant';
import { EngineEmitter } from './emitter';
import type { EngineEvents, LoadRequest, PlayerEngine, Quality } from './types';

/**
 * HLS played by the browser itself, where Media Source Extensions are missing (iPhones before 17.1). The browser
 * chooses the quality; the rest behaves as in the other engine.
 */
export class NativeEngine implements PlayerEngine {
  readonly kind = 'native';
  readonly #video: HTMLVideoElement;
  readonly #events = new EngineEmitter();
  readonly #cleanUp: (() => void)[] = [];
  #grant: Grant | null = null;
  #startAt = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#listen('loadedmetadata', () => {
      if (this.#startAt > 0) video.currentTime = this.#startAt;
      this.captions(false);
      this.#events.emit('ready', { qualities: [], live: !Number.isFinite(video.duration), audioOnly: video.videoWidth === 0 });
    });
    this.#listen('error', () => void this.#onError());
  }

  static supported(video: HTMLVideoElement): boolean {
    return video.canPlayType('application/vnd.apple.mpegurl') !== '';
  }

  load({ grant, startAt }: LoadRequest): void {
    this.#grant = grant;
    this.#startAt = startAt;
    this.#video.src = withGrant(grant.manifest_url, grant);
    this.#video.load();
  }

  play(): Promise<void> {
    return this.#video.play();
  }

  pause(): void {
    this.#video.pause();
  }

  seek(seconds: number): void {
    this.#video.currentTime = seconds;
  }

  rate(speed: number): void {
    this.#video.playbackRate = speed;
  }

  qualities(): Quality[] {
    return [];
  }

  setQuality(): void {
    // The browser decides; the menu is not shown without qualities.
  }

  captions(_show: false): void {
    for (const track of this.#video.textTracks) track.mode = 'disabled';
  }

  renew(grant: Grant): void {
    const moved = this.#grant?.manifest_url !== grant.manifest_url;
    this.#grant = grant;
    if (moved || grant.kind === 'query' || this.#video.error) this.recover();
  }

  recover(): void {
    const grant = this.#grant;
    if (!grant) return;
    const wasPlaying = !this.#video.paused && !this.#video.ended;
    this.load({ grant, startAt: this.#video.readyState === 0 ? this.#startAt : this.#video.currentTime });
    if (wasPlaying) void this.#video.play().catch(() => undefined);
  }

  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  destroy(): void {
    for (const clean of this.#cleanUp) clean();
    this.#events.clear();
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  #listen(type: string, listener: () => void): void {
    this.#video.addEventListener(type, listener);
    this.#cleanUp.push(() => this.#video.removeEventListener(type, listener));
  }

  /** The element only says "network" or "decode"; one look at the playlist tells a refused grant from a lost one. */
  async #onError(): Promise<void> {
    const grant = this.#grant;
    const error = this.#video.error;
    if (!grant || !error) return;
    const detail = error.message || `code ${error.code}`;
    const status = await fetch(withGrant(grant.manifest_url, grant), { credentials: 'same-origin' })
      .then((response) => response.status)
      .catch(() => 0);
    if (status === 401 || status === 403) this.#events.emit('fault', { fault: 'forbidden', detail });
    else if (status === 404 || status === 410) this.#events.emit('fault', { fault: 'missing', detail });
    else if (status === 0 || status >= 500) this.#events.emit('fault', { fault: 'network', detail });
    else this.#events.emit('fault', { fault: 'media', detail });
  }
}
