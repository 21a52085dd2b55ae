import type { PlayerStore } from './state';
import { cuesAt, parseVtt } from './vtt';

const EVERY_MS = 100;

/** The words of the lesson: fetches the chosen track and keeps the caption on screen in step with the voice. */
export class CaptionReel {
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    private readonly store: PlayerStore,
    private readonly loadText: (url: string) => Promise<string>,
    private readonly position: () => number,
  ) {}

  /** Brings the chosen track in. The transcript shows it whether captions are on or not. */
  async load(): Promise<void> {
    const { tracks, track: id } = this.store.get();
    const track = tracks.find((candidate) => candidate.id === id);
    if (!track) return;
    this.store.set({ cuesState: 'loading' });
    try {
      const cues = parseVtt(await this.loadText(track.url));
      if (this.store.get().track !== id) return;
      this.store.set({ cues, cuesState: 'ready' });
      this.update();
    } catch {
      if (this.store.get().track === id) this.store.set({ cues: [], cuesState: 'failed', caption: '' });
    }
  }

  /** The caption of this moment. */
  update(): void {
    const { captions, cues } = this.store.get();
    const shown = captions ? cuesAt(cues, this.position()) : [];
    this.store.set({ caption: shown.map((cue) => cue.text).join('\n') });
  }

  /** Runs while playing: timeupdate comes four times a second, too coarse for words that must meet the voice. */
  run(): void {
    this.#timer ??= setInterval(() => {
      if (this.store.get().playing) this.update();
      else this.stop();
    }, EVERY_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
