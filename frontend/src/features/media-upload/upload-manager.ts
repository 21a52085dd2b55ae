import type { DurableList } from '../../lib/idb-queue';
import { fingerprint } from './model';
import type { JobEnvironment, JobView, UploadRecord } from './types';
import { UploadJob } from './upload-job';

/** How often the views are rebuilt while bytes flow: quick for the eye, cheap for React. */
const PROGRESS_EVERY_MS = 200;

export type ManagerEnvironment = Omit<JobEnvironment, 'remember' | 'forget'> & { records: DurableList<UploadRecord> };

/**
 * All uploads of this page. It lives above the router, so moving about in the studio stops nothing. Files take
 * turns, in the order they were chosen; within a file four parts go at once.
 */
export class UploadManager {
  readonly #environment: JobEnvironment;
  readonly #records: DurableList<UploadRecord>;
  #jobs: UploadJob[] = [];
  #views: readonly JobView[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #completed = new Set<(assetId: string) => void>();
  #active: UploadJob | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor({ records, ...environment }: ManagerEnvironment) {
    this.#records = records;
    this.#environment = {
      ...environment,
      remember: async (record) => void (await records.put(record).catch(() => undefined)),
      forget: (uploadId) => this.#forget(uploadId),
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same array until something changed, as useSyncExternalStore asks. */
  views = (): readonly JobView[] => this.#views;

  /** Tells when a file has arrived whole and its asset begins to be processed. */
  onCompleted(listener: (assetId: string) => void): () => void {
    this.#completed.add(listener);
    return () => this.#completed.delete(listener);
  }

  /** Brings back what a reload cut off. Call once, when the page starts. */
  async restore(): Promise<void> {
    const entries = await this.#records.all().catch(() => []);
    for (const { value } of entries) {
      if (this.#jobs.some((job) => job.key === value.upload_id || job.fingerprint === value.fingerprint)) continue;
      const job = this.#job({ record: value });
      if (await job.look()) {
        this.#jobs.push(job);
        this.#publish();
      }
    }
  }

  /** Takes files in. One that was cut off before goes on where it stopped. Returns the keys, in order. */
  add(files: Iterable<File>): string[] {
    const keys: string[] = [];
    for (const file of files) {
      const mark = fingerprint(file);
      const known = this.#jobs.find((job) => job.fingerprint === mark && !['ready', 'failed', 'cancelled'].includes(job.stage));
      if (known) {
        if (known.stage === 'interrupted') known.adopt(file);
        else if (known.stage === 'paused') known.requeue();
        keys.push(known.key);
        continue;
      }
      const job = this.#job({ file });
      this.#jobs.push(job);
      keys.push(job.key);
    }
    this.#publish();
    this.#next();
    return keys;
  }

  pause(key: string): void {
    this.#find(key)?.pause();
  }

  resume(key: string): void {
    const job = this.#find(key);
    if (!job) return;
    job.requeue();
    this.#next();
  }

  async cancel(key: string): Promise<void> {
    const job = this.#find(key);
    if (!job) return;
    this.#jobs = this.#jobs.filter((other) => other !== job);
    this.#publish();
    await job.cancel();
  }

  /** Takes a finished, failed or cancelled upload off the list. */
  dismiss(key: string): void {
    this.#jobs = this.#jobs.filter((job) => job.key !== key);
    this.#publish();
  }

  /** Reports from the asset's side: how the processing goes on. */
  settle(assetId: string, stage: 'processing' | 'ready' | 'failed', failure?: { title: string; detail: string }): void {
    const job = this.#jobs.find((candidate) => candidate.assetId === assetId && ['processing', 'ready', 'failed'].includes(candidate.stage));
    job?.settle(stage, failure ? { ...failure, retryable: false } : null);
  }

  /** Whether leaving the page now would stop bytes under way. */
  busy(): boolean {
    return this.#jobs.some((job) => ['preparing', 'sending', 'completing'].includes(job.stage));
  }

  #job(source: { file: File } | { record: UploadRecord }): UploadJob {
    const job: UploadJob = new UploadJob(source, this.#environment, (kind) => {
      if (kind === 'progress') this.#publishSoon();
      else this.#publish();
    });
    return job;
  }

  #find(key: string): UploadJob | undefined {
    return this.#jobs.find((job) => job.key === key);
  }

  #next(): void {
    if (this.#active) return;
    const job = this.#jobs.find((candidate) => candidate.stage === 'queued');
    if (!job) return;
    this.#active = job;
    void job.run().finally(() => {
      this.#active = null;
      if (job.stage === 'processing' && job.assetId) for (const listener of this.#completed) listener(job.assetId);
      this.#next();
    });
  }

  async #forget(uploadId: string): Promise<void> {
    const entries = await this.#records.all().catch(() => []);
    for (const entry of entries) {
      if (entry.value.upload_id === uploadId) await this.#records.remove(entry.key).catch(() => undefined);
    }
  }

  #publishSoon(): void {
    this.#timer ??= setTimeout(() => this.#publish(), PROGRESS_EVERY_MS);
  }

  #publish(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#views = this.#jobs.map((job) => job.view());
    for (const listener of this.#listeners) listener();
  }
}
