import type { Grant } from '../grant';

/** One step of the quality menu. */
export interface Quality {
  /** Stable within one loaded source; pass to setQuality. */
  id: number;
  /** Short side in pixels as people name it: 720 is "720p". 0 when the source does not say. */
  height: number;
  bitrate: number;
}

export type EngineFault =
  /** The grant is not (or no longer) accepted by the edge. */
  | 'forbidden'
  /** Nothing arrives and the browser has no network or the server does not answer. */
  | 'network'
  /** The files are not there (any more). */
  | 'missing'
  /** The browser cannot decode what arrived. */
  | 'media'
  /** This browser can play neither MSE nor native HLS. */
  | 'unsupported';

export interface EngineEvents {
  /** The source is known: its qualities can be shown. */
  ready: { qualities: Quality[]; live: boolean; audioOnly: boolean };
  /** Another rendition is on screen. `auto` says who chose. */
  quality: { id: number; auto: boolean };
  /** Playback cannot go on by the engine's own means. */
  fault: { fault: EngineFault; detail: string };
}

export interface LoadRequest {
  grant: Grant;
  /** Seconds; where the first frame should be. */
  startAt: number;
}

/**
 * What plays the bytes. Everything a person touches is ours and sits on the plain <video>; the engine only brings
 * the media into it. A second engine can take this one's place without the controls noticing.
 */
export interface PlayerEngine {
  readonly kind: 'hls' | 'native';
  /** Brings a source in, in place of any other. */
  load(request: LoadRequest): void;
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  rate(speed: number): void;
  qualities(): Quality[];
  /** A quality by id, or 'auto'. */
  setQuality(choice: number | 'auto'): void;
  /** Turns off whatever captions the browser or the source would draw: ours are drawn by us. */
  captions(show: false): void;
  /** A fresh grant for the same source. */
  renew(grant: Grant): void;
  /** Tries again after a fault, from where playback stood. */
  recover(): void;
  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): () => void;
  destroy(): void;
}
