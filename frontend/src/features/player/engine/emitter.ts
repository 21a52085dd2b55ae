import type { EngineEvents } from './types';

type Listeners = { [K in keyof EngineEvents]: Set<(payload: EngineEvents[K]) => void> };

/** The event half of an engine. */
export class EngineEmitter {
  readonly #listeners: Listeners = { ready: new Set(), quality: new Set(), fault: new Set() };

  on<K extends keyof EngineEvents>(event: K, listener: (payload: EngineEvents[K]) => void): () => void {
    this.#listeners[event].add(listener);
    return () => this.#listeners[event].delete(listener);
  }

  emit<K extends keyof EngineEvents>(event: K, payload: EngineEvents[K]): void {
    for (const listener of this.#listeners[event]) listener(payload);
  }

  clear(): void {
    for (const set of Object.values(this.#listeners)) set.clear();
  }
}
