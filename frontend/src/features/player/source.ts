import { createEngine } from './engine/create-engine';
import type { EngineFault, PlayerEngine } from './engine/types';
import { GrantKeeper, GrantRefused, type GrantSource } from './grant';
import type { PlayerFault } from './model';
import type { PlayerStore } from './state';

/** A second refusal this soon after a renewal means the right is gone, not the signature. */
const FORBIDDEN_AGAIN_MS = 10_000;

/**
 * Where the bytes come from: gets the permission, brings the engine up with it, keeps the permission alive, and
 * turns everything that can go wrong on that way into one fault of the state.
 */
export class PlayerSource {
  #engine: PlayerEngine | null = null;
  #keeper: GrantKeeper | null = null;
  #opening: Promise<void> | null = null;
  #renewedForFaultAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(
    private readonly store: PlayerStore,
    private readonly grants: GrantSource,
    private readonly video: HTMLVideoElement,
  ) {}

  get engine(): PlayerEngine | null {
    return this.#engine;
  }

  /** Opens once; later calls share the first. Never rejects: a failure is in the state. */
  open(): Promise<void> {
    this.#opening ??= this.#openOnce().catch((error: unknown) => {
      this.#opening = null;
      if (!this.#closed) this.#refuse(error);
    });
    return this.#opening;
  }

  /** Forgets the source, so that the next `open` begins anew. */
  reset(): void {
    this.#keeper?.close();
    this.#engine?.destroy();
    this.#engine = null;
    this.#keeper = null;
    this.#opening = null;
    this.#renewedForFaultAt = Number.NEGATIVE_INFINITY;
  }

  close(): void {
    this.#closed = true;
    this.reset();
  }

  /** The device woke up or the network came back: a renewal may be overdue. */
  wake(): void {
    this.#keeper?.wake();
  }

  /** How far the file reaches, in seconds; grows while it is being encoded. */
  reach(): number {
    const { seekable, duration } = this.video;
    if (seekable.length > 0) return seekable.end(seekable.length - 1);
    return Number.isFinite(duration) ? duration : 0;
  }

  async #openOnce(): Promise<void> {
    const { store, video } = this;
    store.set({ phase: 'loading', fault: null, waiting: true });
    const keeper = new GrantKeeper(
      this.grants,
      (grant) => this.#engine?.renew(grant),
      (refused) => this.#fail(refused.reason),
      () => !video.paused || document.visibilityState === 'visible',
    );
    this.#keeper = keeper;
    const [grant, engine] = await Promise.all([keeper.open(), createEngine(video)]);
    if (this.#closed || this.#keeper !== keeper) {
      keeper.close();
      engine?.destroy();
      return;
    }
    if (!engine) return this.#fail('unsupported');
    this.#engine = engine;
    engine.on('ready', ({ qualities, live, audioOnly }) => {
      store.set({ phase: 'ready', qualities, audioOnly, available: live ? this.reach() : store.get().duration });
    });
    engine.on('quality', ({ id, auto }) => store.set({ quality: id, autoQuality: auto }));
    engine.on('fault', ({ fault }) => void this.#onFault(fault));
    engine.load({ grant, startAt: store.get().time });
    engine.captions(false);
    video.playbackRate = store.get().speed;
  }

  async #onFault(fault: EngineFault): Promise<void> {
    if (fault === 'forbidden' && this.#keeper && performance.now() - this.#renewedForFaultAt > FORBIDDEN_AGAIN_MS) {
      this.#renewedForFaultAt = performance.now();
      try {
        // The keeper hands the fresh grant to the engine, which goes on where it stopped.
        await this.#keeper.renew();
      } catch (error) {
        if (!this.#closed) this.#refuse(error);
      }
      return;
    }
    this.#fail(fault);
  }

  #refuse(error: unknown): void {
    this.#fail(error instanceof GrantRefused ? error.reason : 'network');
  }

  #fail(fault: PlayerFault): void {
    this.video.pause();
    const named = fault === 'network' && !navigator.onLine ? 'offline' : fault;
    this.store.set({ phase: 'fault', fault: named, waiting: false, slow: false });
  }
}
