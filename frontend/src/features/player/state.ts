import type { Quality } from './engine/types';
import { startPosition, type CaptionTrack, type PlayerFault, type PlayerVideo } from './model';
import type { PlayerPreferences } from './preferences';
import type { Span } from './ranges';
import type { Cue } from './vtt';

export type Phase = 'idle' | 'loading' | 'ready' | 'fault';

/** Everything the controls draw. A new object whenever anything changed; the fields keep their identity if not. */
export interface PlayerState {
  phase: Phase;
  playing: boolean;
  /** Wants to play but has nothing to show. */
  waiting: boolean;
  /** Waiting for so long that a word is due. */
  slow: boolean;
  ended: boolean;
  /** Seconds. */
  time: number;
  duration: number;
  /** How far the file reaches so far; less than the duration while it is still being encoded. */
  available: number;
  buffered: readonly Span[];
  watched: readonly Span[];
  speed: number;
  volume: number;
  muted: boolean;
  qualities: readonly Quality[];
  quality: number | null;
  autoQuality: boolean;
  audioOnly: boolean;
  fault: PlayerFault | null;
  tracks: readonly CaptionTrack[];
  track: string | null;
  captions: boolean;
  cues: readonly Cue[];
  cuesState: 'none' | 'loading' | 'ready' | 'failed';
  caption: string;
  fullscreen: boolean;
  pip: boolean;
  theatre: boolean;
  keys: boolean;
  continueByItself: boolean;
  /** Where playback was taken up again; null when it began at the beginning or the note was dismissed. */
  resumedAt: number | null;
  keysShown: boolean;
  /** Last thing to say to a screen reader; `said` makes the same words twice two events. */
  announcement: { said: number; words: string };
}

/** The state before anything was loaded: what the poster shows. */
export function initialState(video: PlayerVideo, preferences: PlayerPreferences, requestedTime: number | null): PlayerState {
  const start = startPosition(requestedTime, video.position, video.duration);
  const track = pickTrack(video.captions, preferences.language);
  return {
    phase: 'idle',
    playing: false,
    waiting: false,
    slow: false,
    ended: false,
    time: start.at,
    duration: video.duration,
    available: video.duration,
    buffered: [],
    watched: video.watched,
    speed: preferences.speed,
    volume: preferences.volume,
    muted: preferences.muted,
    qualities: [],
    quality: null,
    autoQuality: true,
    audioOnly: false,
    fault: null,
    tracks: video.captions,
    track: track?.id ?? null,
    captions: preferences.captions && track !== null,
    cues: [],
    cuesState: track ? 'loading' : 'none',
    caption: '',
    fullscreen: false,
    pip: false,
    theatre: false,
    keys: preferences.keys,
    continueByItself: preferences.continueByItself,
    resumedAt: start.resumed ? start.at : null,
    keysShown: false,
    announcement: { said: 0, words: '' },
  };
}

/** The track in the person's language, else the lesson's default, else any. */
function pickTrack(tracks: readonly CaptionTrack[], language: string | null): CaptionTrack | null {
  return tracks.find((track) => track.language === language) ?? tracks.find((track) => track.isDefault) ?? tracks[0] ?? null;
}

/** One state with subscribers, in the shape useSyncExternalStore asks for. */
export class PlayerStore {
  #state: PlayerState;
  readonly #listeners = new Set<() => void>();

  constructor(state: PlayerState) {
    this.#state = state;
  }

  get = (): PlayerState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(change: Partial<PlayerState>): void {
    const keys = Object.keys(change) as (keyof PlayerState)[];
    if (keys.every((key) => Object.is(this.#state[key], change[key]))) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Tells a screen reader. */
  say(words: string): void {
    this.set({ announcement: { said: this.#state.announcement.said + 1, words } });
  }
}
