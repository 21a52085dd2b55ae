import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlayBeacon } from './beacon-queue';
import { PlayerController, type PlayerOptions } from './controller';
import type { EngineEvents, LoadRequest, PlayerEngine } from './engine/types';
import { GrantRefused, type Grant } from './grant';
import type { PlayerVideo } from './model';
import { Reporter } from './reporter';

/** An engine that plays nothing and tells what it was asked. */
class FakeEngine implements PlayerEngine {
  readonly kind = 'hls';
  loads: LoadRequest[] = [];
  renewals: Grant[] = [];
  plays = 0;
  destroyed = false;
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();

  constructor(private readonly video: FakeVideo) {}

  load(request: LoadRequest): void {
    this.loads.push(request);
    this.video.currentTime = request.startAt;
    this.video.readyState = 4;
  }
  async play(): Promise<void> {
    this.plays += 1;
    this.video.paused = false;
    this.video.tell('play', 'playing');
  }
  pause(): void {
    this.video.paused = true;
    this.video.tell('pause');
  }
  seek(seconds: number): void {
    this.video.currentTime = seconds;
    this.video.tell('seeking', 'seeked');
  }
  rate(): void {}
  qualities() {
    return [];
  }
  setQuality(): void {}
  captions(): void {}
  renew(grant: Grant): void {
    this.renewals.push(grant);
  }
  recover(): void {}
  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    set.add(listener as (payload: never) => void);
    this.#listeners.set(event, set);
    return () => set.delete(listener as (payload: never) => void);
  }
  emit<K extends keyof EngineEvents>(event: K, payload: EngineEvents[K]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (payload: EngineEvents[K]) => void)(payload);
  }
  destroy(): void {
    this.destroyed = true;
  }
}

class FakeVideo extends EventTarget {
  currentTime = 0;
  duration = 600;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 0;
  volume = 1;
  muted = false;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  buffered = { length: 0 };
  seekable = { length: 1, end: () => 600 };
  textTracks: never[] = [];
  tell(...types: string[]): void {
    for (const type of types) this.dispatchEvent(new Event(type));
  }
  pause(): void {
    this.paused = true;
    this.tell('pause');
  }
  /** Plays for some seconds of the clock, with four ticks a second. */
  run(seconds: number): void {
    for (let step = 0; step < seconds * 4; step += 1) {
      vi.advanceTimersByTime(250);
      this.currentTime += 0.25 * this.playbackRate;
      this.tell('timeupdate');
    }
  }
}

const engines: FakeEngine[] = [];
vi.mock('./engine/create-engine', () => ({
  loadHlsEngine: async () => undefined,
  createEngine: async (video: FakeVideo) => {
    const engine = new FakeEngine(video);
    engines.push(engine);
    return engine;
  },
}));

const grant = (sid: string): Grant => ({
  sid,
  manifest_url: '/media/t/o/v/a/1/master.m3u8',
  poster_url: null,
  renew_at: '2026-01-01T10:05:00Z',
  expires_at: '2026-01-01T10:10:00Z',
  kind: 'cookie',
  query: null,
});

const VIDEO: PlayerVideo = {
  assetId: 'a',
  timelineId: 't',
  duration: 600,
  position: 120,
  watched: [[0, 60]],
  captions: [{ id: 'c', language: 'en', label: 'English', isDefault: true, url: '/c.vtt' }],
  posterUrl: null,
  chapters: [],
};

function setUp(options: Partial<PlayerOptions> = {}, video: PlayerVideo = VIDEO) {
  const element = new FakeVideo();
  const sent: (PlayBeacon & { leaving: boolean })[] = [];
  const grants = { obtain: vi.fn(async () => grant('1')), renew: vi.fn(async () => grant('2')) };
  const player = new PlayerController({
    video,
    grants,
    reporter: new Reporter({ item: 'i', timeline: 't', placementNo: 1, startAt: video.position, deliver: (beacon, leaving) => sent.push({ ...beacon, leaving }) }),
    requestedTime: null,
    onNext: null,
    onPrevious: null,
    loadText: async () => 'WEBVTT\n\n00:02:00.000 --> 00:02:05.000\nHello\n',
    ...options,
  });
  const detach = player.attach(element as unknown as HTMLVideoElement, document.createElement('section'));
  return { player, element, sent, grants, detach };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  engines.length = 0;
});
afterEach(() => vi.useRealTimers());

describe('PlayerController', () => {
  it('asks for nothing before somebody plays, then begins where they stopped', async () => {
    const { player, grants } = setUp();
    expect(player.state()).toMatchObject({ phase: 'idle', time: 120, resumedAt: 120 });
    expect(grants.obtain).not.toHaveBeenCalled();
    await player.play();
    expect(engines[0]!.loads).toEqual([{ grant: grant('1'), startAt: 120 }]);
    expect(player.state()).toMatchObject({ phase: 'ready', playing: true });
  });

  it('begins where the address says, whatever was saved', async () => {
    const { player } = setUp({ requestedTime: 42 });
    expect(player.state().resumedAt).toBeNull();
    await player.play();
    expect(engines[0]!.loads[0]!.startAt).toBe(42);
  });

  it('plays as soon as there is a place to, when it was asked to before', async () => {
    const player = new PlayerController({
      video: VIDEO,
      grants: { obtain: async () => grant('1'), renew: async () => grant('2') },
      reporter: null,
      requestedTime: null,
      onNext: null,
      onPrevious: null,
      loadText: async () => 'WEBVTT',
    });
    await player.play();
    expect(engines).toHaveLength(0);
    player.attach(new FakeVideo() as unknown as HTMLVideoElement, document.createElement('section'));
    await vi.advanceTimersByTimeAsync(0);
    expect(player.state().playing).toBe(true);
  });

  it('opens once, however often play is pressed', async () => {
    const { player, grants } = setUp();
    await Promise.all([player.play(), player.play()]);
    expect(grants.obtain).toHaveBeenCalledTimes(1);
    expect(engines).toHaveLength(1);
  });

  it('reports what was played at a steady pace, on pause, on a jump and on leaving', async () => {
    const { player, element, sent } = setUp();
    await player.play();
    element.run(17);
    expect(sent.length).toBeGreaterThanOrEqual(2);
    player.pause();
    player.seek(300);
    element.paused = false;
    element.tell('playing');
    element.run(3);
    window.dispatchEvent(new Event('pagehide'));
    expect(sent.at(-1)!.leaving).toBe(true);
    expect(sent.map((beacon) => beacon.seq)).toEqual(sent.map((_, index) => index + 1));
    expect(new Set(sent.map((beacon) => beacon.play_session)).size).toBe(1);
    const seconds = new Set(sent.flatMap(({ spans }) => spans.flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index))));
    expect([...seconds].sort((a, b) => a - b)).toEqual([...Array.from({ length: 17 }, (_, index) => 120 + index), 300, 301, 302]);
  });

  it('draws the map at once, and never smaller than it was', async () => {
    const { player, element } = setUp();
    await player.play();
    element.run(10);
    expect(player.state().watched).toEqual([[0, 60], [120, 130]]);
    player.mergeWatched([[0, 60]]);
    expect(player.state().watched).toEqual([[0, 60], [120, 130]]);
    player.mergeWatched([[200, 210]]);
    expect(player.state().watched).toEqual([[0, 60], [120, 130], [200, 210]]);
  });

  it('renews once when the edge refuses, and goes on without a word', async () => {
    const { player, grants } = setUp();
    await player.play();
    engines[0]!.emit('fault', { fault: 'forbidden', detail: '' });
    await vi.advanceTimersByTimeAsync(0);
    expect(grants.renew).toHaveBeenCalledTimes(1);
    expect(engines[0]!.renewals).toEqual([grant('2')]);
    expect(player.state().fault).toBeNull();
    engines[0]!.emit('fault', { fault: 'forbidden', detail: '' });
    await vi.advanceTimersByTimeAsync(0);
    expect(grants.renew).toHaveBeenCalledTimes(1);
    expect(player.state()).toMatchObject({ phase: 'fault', fault: 'forbidden' });
  });

  it('says why it may not play, and keeps the place for another try', async () => {
    const { player, element, grants } = setUp();
    await player.play();
    element.run(30);
    engines[0]!.emit('fault', { fault: 'network', detail: '' });
    expect(player.state()).toMatchObject({ phase: 'fault', fault: 'network' });
    grants.obtain.mockRejectedValueOnce(new GrantRefused('ended'));
    await player.retry();
    expect(player.state().fault).toBe('ended');
    await player.retry();
    expect(engines.at(-1)!.loads[0]!.startAt).toBeCloseTo(150);
    expect(engines[0]!.destroyed).toBe(true);
    expect(player.state().fault).toBeNull();
  });

  it('goes on by itself when the network is back', async () => {
    const { player } = setUp();
    await player.play();
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    engines[0]!.emit('fault', { fault: 'network', detail: '' });
    expect(player.state().fault).toBe('offline');
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(engines).toHaveLength(2);
    expect(player.state()).toMatchObject({ fault: null, playing: true });
  });

  it('remembers speed, sound and captions for the next lesson', async () => {
    const first = setUp();
    first.player.setSpeed(1.5);
    first.player.setVolume(0.4);
    first.player.toggleCaptions();
    first.detach();
    const second = setUp();
    expect(second.player.state()).toMatchObject({ speed: 1.5, volume: 0.4, captions: true, track: 'c' });
    expect(second.element.playbackRate).toBe(1.5);
  });

  it('shows the caption of the moment only when captions are on', async () => {
    const { player } = setUp();
    await vi.advanceTimersByTimeAsync(0);
    expect(player.state()).toMatchObject({ cuesState: 'ready', caption: '' });
    player.toggleCaptions();
    expect(player.state().caption).toBe('Hello');
    player.toggleCaptions();
    expect(player.state().caption).toBe('');
  });

  it('does not go past what is encoded so far', async () => {
    const { player, element } = setUp();
    await player.play();
    element.seekable = { length: 1, end: () => 200 };
    element.duration = 200;
    element.tell('durationchange');
    expect(player.state()).toMatchObject({ duration: 600, available: 200 });
    player.run({ kind: 'seek-end' });
    expect(element.currentTime).toBeCloseTo(199.95);
  });

  it('leaves nothing running behind', async () => {
    const { player, element, detach, sent } = setUp();
    await player.play();
    element.run(2);
    detach();
    const told = sent.length;
    expect(engines[0]!.destroyed).toBe(true);
    window.dispatchEvent(new Event('pagehide'));
    element.tell('timeupdate');
    expect(sent.length).toBe(told);
    expect(player.state().phase).toBe('idle');
  });
});
