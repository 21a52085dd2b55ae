import { t } from '@lingui/core/macro';
import { CaptionReel } from './caption-reel';
import { loadHlsEngine } from './engine/create-engine';
import type { GrantSource } from './grant';
import { stepSpeed, type PlayerCommand } from './key-map';
import { clock, type PlayerVideo } from './model';
import { loadPreferences, savePreferences, type PlayerPreferences } from './preferences';
import { union, type Span } from './ranges';
import type { Reporter } from './reporter';
import { toggleFullscreen, togglePictureInPicture } from './screen';
import { PlayerSource } from './source';
import { initialState, PlayerStore, type PlayerState } from './state';
import { WatchTracker } from './watch-tracker';

export interface PlayerOptions {
  video: PlayerVideo;
  grants: GrantSource;
  /** Null where watching is not learning: the preview in the studio. */
  reporter: Reporter | null;
  /** `?t=`: seconds, wins over the saved place. */
  requestedTime: number | null;
  onNext: (() => void) | null;
  onPrevious: (() => void) | null;
  loadText: (url: string) => Promise<string>;
}

const SLOW_AFTER_MS = 8_000;
const FRAME_SECONDS = 1 / 30;
const RESUME_NOTE_SECONDS = 8;
/** The last moment one can jump to: a hair before the end, so that the last frame shows. */
const END_GUARD_SECONDS = 0.05;

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every((span, index) => span[0] === b[index]?.[0] && span[1] === b[index]?.[1]);
}

/**
 * The player without its looks: owns the <video>, its source, the watch map and the person's preferences, and turns
 * all of it into one state and a handful of commands. The controls, the transcript and the keys are views of it.
 */
export class PlayerController {
  readonly #store: PlayerStore;
  readonly #captions: CaptionReel;
  readonly #tracker = new WatchTracker();
  #options: PlayerOptions;
  #preferences: PlayerPreferences;
  #video: HTMLVideoElement | null = null;
  #stage: HTMLElement | null = null;
  #source: PlayerSource | null = null;
  #cleanUp: (() => void)[] = [];
  #slowTimer: ReturnType<typeof setTimeout> | null = null;
  #serverWatched: readonly Span[];
  /** Play was asked for before there was an element to play in. */
  #wantsPlay = false;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#preferences = loadPreferences();
    this.#store = new PlayerStore(initialState(options.video, this.#preferences, options.requestedTime));
    this.#serverWatched = options.video.watched;
    this.#captions = new CaptionReel(this.#store, options.loadText, () => this.#position());
  }

  state = (): PlayerState => this.#store.get();

  subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  // --- life -----------------------------------------------------------------------------------------------------

  /** Takes the elements over; call from an effect, and call what it returns when they go. */
  attach(video: HTMLVideoElement, stage: HTMLElement): () => void {
    this.#video = video;
    this.#stage = stage;
    this.#source = new PlayerSource(this.#store, this.#options.grants, video);
    video.volume = this.#preferences.volume;
    video.muted = this.#preferences.muted;
    video.defaultPlaybackRate = this.#preferences.speed;
    video.playbackRate = this.#preferences.speed;
    this.#listenToVideo(video);
    this.#listenToPage(video, stage);
    void this.#captions.load();
    if (this.#wantsPlay) void this.play();
    return () => this.#detach(video);
  }

  #detach(video: HTMLVideoElement): void {
    this.#tracker.stop(video.currentTime);
    this.#report(false);
    for (const clean of this.#cleanUp.splice(0)) clean();
    this.#stopWaiting();
    this.#captions.stop();
    this.#source?.close();
    this.#source = null;
    this.#video = null;
    this.#stage = null;
    this.#store.set({ phase: 'idle', playing: false, waiting: false, fault: null });
  }

  #listen(target: EventTarget, type: string, listener: () => void): void {
    target.addEventListener(type, listener);
    this.#cleanUp.push(() => target.removeEventListener(type, listener));
  }

  #listenToPage(video: HTMLVideoElement, stage: HTMLElement): void {
    this.#listen(document, 'visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.#report(true);
      else this.#source?.wake();
    });
    this.#listen(window, 'pagehide', () => {
      this.#tracker.stop(video.currentTime);
      this.#report(true);
    });
    this.#listen(window, 'online', () => {
      this.#source?.wake();
      const { fault } = this.state();
      if (fault === 'offline' || fault === 'network') void this.retry();
    });
    this.#listen(document, 'fullscreenchange', () => this.#store.set({ fullscreen: document.fullscreenElement === stage }));
  }

  /** New handlers from the page, without a new player. */
  update(options: Pick<PlayerOptions, 'onNext' | 'onPrevious'>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Fetches what playing needs, engine and controls: called on the first sign that somebody wants to. */
  warm(): void {
    void Promise.all([loadHlsEngine(), import('./controls')]).catch(() => undefined);
  }

  // --- commands -------------------------------------------------------------------------------------------------

  async play(): Promise<void> {
    const source = this.#source;
    this.#wantsPlay = !source;
    if (!source) return;
    await source.open();
    if (!source.engine || this.state().phase === 'fault') return;
    source.wake();
    if (this.state().ended) this.seek(0);
    try {
      await source.engine.play();
    } catch (error) {
      // The browser wants a gesture first, or a newer command won: the play button is there for both.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#store.set({ waiting: false, playing: false });
    }
  }

  pause(): void {
    this.#source?.engine?.pause();
  }

  toggle(): void {
    if (this.#video && !this.#video.paused) this.pause();
    else void this.play();
  }

  /** The one way on after a fault: same place, same speed. */
  async retry(): Promise<void> {
    const time = this.#position();
    this.#source?.reset();
    this.#store.set({ phase: 'loading', fault: null, time });
    await this.play();
  }

  /** Moves to `seconds`; before the first play it only moves the place where play will begin. */
  seek(seconds: number): void {
    const { duration, available } = this.state();
    const engine = this.#source?.engine;
    const limit = engine ? Math.min(duration, available || duration) : duration;
    const time = Math.min(Math.max(0, seconds), Math.max(0, limit - END_GUARD_SECONDS));
    if (engine) {
      this.#tracker.stop();
      engine.seek(time);
    }
    this.#store.set({ time, ended: false, resumedAt: null });
  }

  seekBy(seconds: number): void {
    this.seek(this.#position() + seconds);
    this.#store.say(clock(this.state().time));
  }

  startOver(): void {
    this.seek(0);
    void this.play();
  }

  setSpeed(speed: number): void {
    this.#tracker.stop(this.#video?.currentTime);
    this.#report(false);
    if (this.#video) {
      this.#video.defaultPlaybackRate = speed;
      this.#video.playbackRate = speed;
    }
    this.#remember({ speed });
    this.#store.set({ speed });
    this.#store.say(t`Speed ${speed}`);
  }

  setVolume(wanted: number): void {
    const volume = Math.min(1, Math.max(0, Math.round(wanted * 100) / 100));
    this.#sound(volume, volume === 0);
    const percent = Math.round(volume * 100);
    this.#store.say(t`Volume ${percent} %`);
  }

  toggleMute(): void {
    const { muted, volume } = this.state();
    this.#sound(muted && volume === 0 ? 0.5 : volume, !muted);
    this.#store.say(muted ? t`Sound on` : t`Muted`);
  }

  #sound(volume: number, muted: boolean): void {
    if (this.#video) {
      this.#video.volume = volume;
      this.#video.muted = muted;
    }
    this.#remember({ volume, muted });
    this.#store.set({ volume, muted });
  }

  setQuality(choice: number | 'auto'): void {
    this.#source?.engine?.setQuality(choice);
    this.#store.set(choice === 'auto' ? { autoQuality: true } : { autoQuality: false, quality: choice });
  }

  /** Shows a caption track by id, or none for null. */
  setCaptions(id: string | null): void {
    const track = this.state().tracks.find((candidate) => candidate.id === id);
    this.#remember(track ? { captions: true, language: track.language } : { captions: false });
    this.#store.set({ captions: track !== undefined });
    if (track) this.chooseTrack(track.id);
    else this.#captions.update();
    const label = track?.label ?? '';
    this.#store.say(track ? t`Captions on, ${label}` : t`Captions off`);
  }

  /** The language of transcript and captions, whether captions are shown or not. Loads again after a failure. */
  chooseTrack(id: string): void {
    const { track, cuesState } = this.state();
    if (track === id && cuesState !== 'failed') return this.#captions.update();
    this.#store.set({ track: id });
    void this.#captions.load();
  }

  toggleCaptions(): void {
    const { captions, track } = this.state();
    if (!track) return this.#store.say(t`This lesson has no captions`);
    this.setCaptions(captions ? null : track);
  }

  async togglePip(): Promise<void> {
    if (this.#video && !(await togglePictureInPicture(this.#video))) this.#store.say(t`Picture in picture is not available now`);
  }

  async toggleFullscreen(): Promise<void> {
    if (!this.#stage || !this.#video) return;
    if (!(await toggleFullscreen(this.#stage, this.#video))) this.#store.say(t`Full screen is not available now`);
  }

  toggleTheatre(): void {
    this.#store.set({ theatre: !this.state().theatre });
  }

  showKeys(keysShown: boolean): void {
    this.#store.set({ keysShown });
  }

  setKeys(keys: boolean): void {
    this.#remember({ keys });
    this.#store.set({ keys });
  }

  setContinueByItself(continueByItself: boolean): void {
    this.#remember({ continueByItself });
    this.#store.set({ continueByItself });
  }

  run(command: PlayerCommand): void {
    const { duration, muted, volume, speed, playing, keysShown } = this.state();
    switch (command.kind) {
      case 'toggle-play':
        return this.toggle();
      case 'seek-by':
        return this.seekBy(command.seconds);
      case 'seek-to-tenth':
        return this.seek((duration * command.tenth) / 10);
      case 'seek-start':
        return this.seek(0);
      case 'seek-end':
        return this.seek(duration);
      case 'volume-by':
        return this.setVolume((muted ? 0 : volume) + command.delta);
      case 'toggle-mute':
        return this.toggleMute();
      case 'toggle-fullscreen':
        return void this.toggleFullscreen();
      case 'toggle-theatre':
        return this.toggleTheatre();
      case 'toggle-pip':
        return void this.togglePip();
      case 'toggle-captions':
        return this.toggleCaptions();
      case 'speed-step':
        return this.setSpeed(stepSpeed(speed, command.direction));
      case 'frame-step':
        if (!playing) this.seek(this.#position() + command.direction * FRAME_SECONDS);
        return;
      case 'next-lesson':
        return this.#options.onNext?.();
      case 'previous-lesson':
        return this.#options.onPrevious?.();
      case 'show-keys':
        return this.showKeys(!keysShown);
    }
  }

  /** The server's map, as answers bring it, united with ours: seconds just played are not there yet. */
  mergeWatched(spans: readonly Span[]): void {
    this.#serverWatched = union(this.#serverWatched, spans);
    this.#drawWatched();
  }

  // --- what the element reports ---------------------------------------------------------------------------------

  #listenToVideo(video: HTMLVideoElement): void {
    const store = this.#store;
    const on = (type: string, listener: () => void) => this.#listen(video, type, listener);
    on('play', () => store.set({ playing: true, ended: false }));
    on('playing', () => {
      store.set({ playing: true, waiting: false, slow: false, phase: 'ready', fault: null });
      this.#stopWaiting();
      this.#track(video);
      this.#captions.run();
    });
    on('pause', () => {
      this.#tracker.stop(video.currentTime);
      store.set({ playing: false, waiting: false, slow: false });
      this.#stopWaiting();
      this.#report(false);
    });
    on('waiting', () => {
      this.#tracker.stop(video.currentTime);
      store.set({ waiting: true });
      this.#slowTimer ??= setTimeout(() => store.set({ slow: this.state().waiting }), SLOW_AFTER_MS);
    });
    on('seeking', () => {
      this.#tracker.stop();
      store.set({ time: video.currentTime });
      this.#captions.update();
    });
    on('seeked', () => {
      store.set({ time: video.currentTime });
      this.#captions.update();
      this.#report(false);
      this.#track(video);
    });
    on('timeupdate', () => this.#onTime(video));
    on('progress', () => store.set({ buffered: Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)] as const) }));
    on('durationchange', () => this.#onDuration(video));
    on('ended', () => {
      this.#tracker.stop(video.duration);
      store.set({ playing: false, ended: true, waiting: false, time: video.currentTime });
      this.#report(false);
    });
    on('volumechange', () => store.set({ volume: video.volume, muted: video.muted }));
    on('enterpictureinpicture', () => store.set({ pip: true }));
    on('leavepictureinpicture', () => store.set({ pip: false }));
  }

  #onTime(video: HTMLVideoElement): void {
    if (video.seeking || !this.#source?.engine) return;
    this.#track(video);
    const { resumedAt } = this.state();
    const noteIsOld = resumedAt !== null && video.currentTime - resumedAt > RESUME_NOTE_SECONDS;
    this.#store.set({ time: video.currentTime, ...(noteIsOld ? { resumedAt: null } : {}) });
    this.#drawWatched();
    if (this.#options.reporter?.due()) this.#report(false);
  }

  /** The first moment of a stretch counts from its own event: the next timeupdate may be half a second away. */
  #track(video: HTMLVideoElement): void {
    if (!video.paused && !video.ended && !video.seeking) this.#tracker.tick(video.currentTime, video.playbackRate, performance.now());
  }

  #onDuration(video: HTMLVideoElement): void {
    const reach = this.#source?.reach() ?? 0;
    // What the server measured stands, unless the file is plainly longer; a growing file says less every time.
    const known = this.#options.video.duration;
    const longer = Number.isFinite(video.duration) && video.duration > known + 1;
    const duration = longer ? video.duration : known || reach;
    this.#store.set({ duration, available: reach > 0 && reach < duration - 1 ? reach : duration });
  }

  #stopWaiting(): void {
    if (this.#slowTimer) clearTimeout(this.#slowTimer);
    this.#slowTimer = null;
  }

  /** Where playback is, or will begin, in seconds. */
  #position(): number {
    const video = this.#video;
    return video && this.#source?.engine && video.readyState > 0 ? video.currentTime : this.state().time;
  }

  // --- reports --------------------------------------------------------------------------------------------------

  #drawWatched(): void {
    const watched = union(this.#serverWatched, this.#tracker.pending());
    if (!sameSpans(watched, this.state().watched)) this.#store.set({ watched });
  }

  #report(leaving: boolean): void {
    const { reporter } = this.#options;
    if (!reporter || !this.#source?.engine) return;
    // What is taken is on its way; until the answer comes it still counts on screen.
    this.#serverWatched = union(this.#serverWatched, this.#tracker.pending());
    reporter.report(this.#tracker.take(), this.#position(), leaving);
  }

  #remember(change: Partial<PlayerPreferences>): void {
    this.#preferences = { ...this.#preferences, ...change };
    savePreferences(this.#preferences);
  }
}
