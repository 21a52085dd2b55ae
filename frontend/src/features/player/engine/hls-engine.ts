import Hls, { ErrorTypes, Events, type ErrorData, type HlsConfig, type Level } from 'hls.js/source';
import { withGrant, type Grant } from '../grant';
import { EngineEmitter } from './emitter';
import type { EngineEvents, EngineFault, LoadRequest, PlayerEngine, Quality } from './types';

/** What the last lesson measured, so that the next begins at a fitting quality instead of the lowest. */
const BANDWIDTH_KEY = 'lms.player.bandwidth';
/**
 * How far ahead is loaded, in seconds, and in bytes where a rendition is so small that more seconds cost little: a line
 * that breaks for a moment goes unnoticed, and whoever leaves after ten seconds has not been sent minutes of film, which
 * count as delivered. Left to itself hls.js loads 60 MB ahead. A film goes on without the web server because its files
 * stand at the edge under a grant of ten minutes, not because they were loaded before.
 */
const AHEAD_SECONDS = 30;
const MOST_AHEAD_SECONDS = 60;
const AHEAD_BYTES = 12_000_000;
const RECOVERIES = 3;
const RECOVERY_WINDOW_MS = 60_000;

function savedBandwidth(): number | undefined {
  try {
    const saved = Number(localStorage.getItem(BANDWIDTH_KEY));
    return Number.isFinite(saved) && saved > 100_000 ? saved : undefined;
  } catch {
    return undefined;
  }
}

function qualityOf(level: Level, id: number): Quality {
  const short = level.width && level.height ? Math.min(level.width, level.height) : level.height;
  return { id, height: short || 0, bitrate: level.bitrate };
}

function hasVideo(level: Level): boolean {
  return level.videoCodec !== undefined || level.width > 0;
}

/**
 * hls.js over Media Source Extensions. No worker: hls.js would start it from a blob: address, which the content
 * security policy refuses, and our media is fragmented MP4, which needs no transmuxing worth a thread.
 */
export class HlsEngine implements PlayerEngine {
  readonly kind = 'hls';
  readonly #video: HTMLVideoElement;
  readonly #events = new EngineEmitter();
  #hls: Hls | null = null;
  #grant: Grant | null = null;
  #choice: number | 'auto' = 'auto';
  #recoveries: number[] = [];
  #fault: EngineFault | null = null;
  #growing = false;
  #url = '';
  #startAt = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  static supported(): boolean {
    return Hls.isSupported();
  }

  load({ grant, startAt }: LoadRequest): void {
    this.#drop();
    this.#grant = grant;
    this.#url = grant.manifest_url;
    this.#startAt = startAt;
    this.#choice = 'auto';
    this.#fault = null;
    this.#growing = false;
    const hls = new Hls(this.#config(startAt));
    this.#hls = hls;
    hls.on(Events.MANIFEST_PARSED, (_, data) => {
      this.#events.emit('ready', { qualities: this.qualities(), live: false, audioOnly: !data.levels.some(hasVideo) });
    });
    hls.on(Events.LEVEL_LOADED, (_, data) => {
      if (data.details.live === this.#growing) return;
      this.#growing = data.details.live;
      this.#events.emit('ready', { qualities: this.qualities(), live: this.#growing, audioOnly: !hls.levels.some(hasVideo) });
    });
    hls.on(Events.LEVEL_SWITCHED, (_, data) => {
      this.#events.emit('quality', { id: data.level, auto: hls.autoLevelEnabled });
    });
    hls.on(Events.FRAG_BUFFERED, () => {
      const estimate = Math.round(hls.bandwidthEstimate);
      try {
        if (estimate > 0) localStorage.setItem(BANDWIDTH_KEY, String(estimate));
      } catch {
        // Storage refused: the next lesson starts by estimate.
      }
    });
    hls.on(Events.ERROR, (_, data) => this.#onError(data));
    hls.loadSource(withGrant(grant.manifest_url, grant));
    hls.attachMedia(this.#video);
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
    return this.#hls?.levels.map(qualityOf) ?? [];
  }

  setQuality(choice: number | 'auto'): void {
    const hls = this.#hls;
    if (!hls) return;
    this.#choice = choice;
    // nextLevel changes at the next segment boundary: what is on screen plays on without a gap.
    hls.nextLevel = choice === 'auto' ? -1 : choice;
  }

  captions(_show: false): void {
    for (const track of this.#video.textTracks) track.mode = 'disabled';
  }

  renew(grant: Grant): void {
    // The renewed grant may name a newer encode: its cookies open only that one, so playback moves over.
    const moved = grant.manifest_url !== this.#url;
    this.#grant = grant;
    if (moved) this.#reload(grant);
    else if (this.#fault) this.recover();
  }

  recover(): void {
    const grant = this.#grant;
    if (!grant) return;
    const fault = this.#fault;
    this.#fault = null;
    // With the playlist in hand, what is buffered stays and only the missing part is asked for again.
    if (this.#hls && this.#hls.levels.length > 0 && (fault === 'forbidden' || fault === 'network')) {
      this.#hls.startLoad(this.#video.readyState === 0 ? this.#startAt : this.#video.currentTime);
      return;
    }
    this.#reload(grant);
  }

  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  destroy(): void {
    this.#drop();
    this.#events.clear();
  }

  #config(startAt: number): Partial<HlsConfig> {
    const bandwidth = savedBandwidth();
    return {
      enableWorker: false,
      // A playlist that still grows is a lecture being encoded, not a live show: begin where the learner was.
      startPosition: startAt > 0 ? startAt : 0,
      capLevelToPlayerSize: true,
      maxBufferLength: AHEAD_SECONDS,
      maxMaxBufferLength: MOST_AHEAD_SECONDS,
      maxBufferSize: AHEAD_BYTES,
      backBufferLength: 30,
      lowLatencyMode: false,
      liveDurationInfinity: false,
      ...(bandwidth ? { abrEwmaDefaultEstimate: bandwidth, abrEwmaDefaultEstimateMax: 50_000_000 } : {}),
      xhrSetup: (xhr, url) => {
        const grant = this.#grant;
        if (grant?.kind !== 'query') return;
        xhr.open('GET', withGrant(url, grant), true);
      },
    };
  }

  #reload(grant: Grant): void {
    const video = this.#video;
    // Before the first frame the element stands at zero, wherever the learner was going to begin.
    const at = video.readyState === 0 ? this.#startAt : video.currentTime;
    const wasPlaying = !video.paused && !video.ended;
    const speed = video.playbackRate;
    const choice = this.#choice;
    this.load({ grant, startAt: at });
    this.#choice = choice;
    video.playbackRate = speed;
    if (wasPlaying) void video.play().catch(() => undefined);
  }

  #onError(data: ErrorData): void {
    const status = data.response?.code ?? 0;
    if (status === 403 || status === 401) {
      if (!this.#fault) this.#fail('forbidden', data.details);
      return;
    }
    if (!data.fatal) return;
    const hls = this.#hls;
    if (!hls) return;
    if (data.type === ErrorTypes.MEDIA_ERROR && this.#mayRecover()) {
      hls.recoverMediaError();
      return;
    }
    if (data.type === ErrorTypes.NETWORK_ERROR) {
      this.#fail(status === 404 || status === 410 ? 'missing' : 'network', data.details);
      return;
    }
    this.#fail('media', data.details);
  }

  #fail(fault: EngineFault, detail: string): void {
    this.#fault = fault;
    this.#hls?.stopLoad();
    this.#events.emit('fault', { fault, detail });
  }

  /** Decoders stumble; three new starts in a minute is patience enough. */
  #mayRecover(): boolean {
    const now = performance.now();
    this.#recoveries = this.#recoveries.filter((at) => now - at < RECOVERY_WINDOW_MS);
    this.#recoveries.push(now);
    return this.#recoveries.length <= RECOVERIES;
  }

  #drop(): void {
    this.#hls?.destroy();
    this.#hls = null;
  }
}
