import { NativeEngine } from './native-engine';
import type { PlayerEngine } from './types';

/** Loads the HLS engine's code. Called on the first sign of intent too, so that it is there when play is pressed. */
export const loadHlsEngine = () => import('./hls-engine');

/** The engine for this browser, or null when it can play none of our media. */
export async function createEngine(video: HTMLVideoElement): Promise<PlayerEngine | null> {
  const { HlsEngine } = await loadHlsEngine();
  if (HlsEngine.supported()) return new HlsEngine(video);
  return NativeEngine.supported(video) ? new NativeEngine(video) : null;
}
