/**
 * Small durable lists in the browser: what must survive a closed tab or a dead network. Each list keeps the order
 * in which entries were put. Where IndexedDB is refused (private windows, full disks) the list lives in memory:
 * the page works on, only the durability is lost, and `durable` says so.
 */
export interface StoredEntry<T> {
  /** Grows with every put; order of entries. */
  key: number;
  value: T;
}

export interface DurableList<T> {
  /** Whether entries outlive the page. */
  readonly durable: boolean;
  put(value: T): Promise<number>;
  /** Replaces the value of an entry that is still there. */
  replace(key: number, value: T): Promise<void>;
  /** Entries in the order they were put. */
  all(): Promise<StoredEntry<T>[]>;
  remove(key: number): Promise<void>;
}

const DATABASE = 'lms';
const VERSION = 1;
export const LISTS = ['beacons', 'uploads'] as const;
export type ListName = (typeof LISTS)[number];

function asPromise<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB request failed'));
  });
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const name of LISTS) {
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, { autoIncrement: true });
      }
    };
    request.onsuccess = () => {
      // Another tab may bring a newer version; let it, instead of blocking it for ever.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error('IndexedDB is not available'));
    request.onblocked = () => reject(new Error('IndexedDB is blocked by another tab'));
  });
}

class IndexedDbList<T> implements DurableList<T> {
  readonly durable = true;
  readonly #database: IDBDatabase;
  readonly #name: ListName;

  constructor(database: IDBDatabase, name: ListName) {
    this.#database = database;
    this.#name = name;
  }

  async put(value: T): Promise<number> {
    return (await asPromise(this.#store('readwrite').add(value))) as number;
  }

  async replace(key: number, value: T): Promise<void> {
    await asPromise(this.#store('readwrite').put(value, key));
  }

  all(): Promise<StoredEntry<T>[]> {
    return new Promise((resolve, reject) => {
      const entries: StoredEntry<T>[] = [];
      const request = this.#store('readonly').openCursor();
      request.onerror = () => reject(request.error ?? new Error('IndexedDB request failed'));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve(entries);
        entries.push({ key: cursor.key as number, value: cursor.value as T });
        cursor.continue();
      };
    });
  }

  async remove(key: number): Promise<void> {
    await asPromise(this.#store('readwrite').delete(key));
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(this.#name, mode).objectStore(this.#name);
  }
}

/** The same list in memory: the fallback of a browser that refuses storage, and what tests use. */
export class MemoryList<T> implements DurableList<T> {
  readonly durable = false;
  #next = 1;
  readonly #entries = new Map<number, T>();

  async put(value: T): Promise<number> {
    const key = this.#next++;
    this.#entries.set(key, structuredClone(value));
    return key;
  }

  async replace(key: number, value: T): Promise<void> {
    this.#entries.set(key, structuredClone(value));
  }

  async all(): Promise<StoredEntry<T>[]> {
    return [...this.#entries].sort(([a], [b]) => a - b).map(([key, value]) => ({ key, value: structuredClone(value) }));
  }

  async remove(key: number): Promise<void> {
    this.#entries.delete(key);
  }
}

let database: Promise<IDBDatabase | null> | null = null;

/** Opens a list; never rejects. */
export async function openList<T>(name: ListName): Promise<DurableList<T>> {
  database ??= typeof indexedDB === 'undefined' ? Promise.resolve(null) : openDatabase().catch(() => null);
  const opened = await database;
  return opened ? new IndexedDbList<T>(opened, name) : new MemoryList<T>();
}
