import { t } from '@lingui/core/macro';
import { backoffMs, failureOf, fingerprint, Pace, partVerdict, planParts, secondsLeft, type Failure, type Part, type UploadStage } from './model';
import { UploadRefused, type JobEnvironment, type JobView, type ServerUpload, type UploadRecord } from './types';

export const PARALLEL_PARTS = 4;
const TRIES_PER_PART = 8;
const TRIES_PER_CALL = 6;

/**
 * One file on its way into the store. Bytes go from the browser straight to S3 in parts, four at a time, each with
 * its own SHA-256; the application only signs, and puts the parts together at the end. Every part that arrived
 * stays arrived: a pause, a dead network or a reload costs at most the parts that were under way.
 */
export class UploadJob {
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly fingerprint: string;
  #file: File | null;
  #stage: UploadStage;
  #upload: { id: string; assetId: string } | null = null;
  #plan: Part[] = [];
  #sent: number[] = [];
  #arrived: boolean[] = [];
  #digests = new Map<number, string>();
  #pace = new Pace();
  #failure: Failure | null = null;
  #offlineSince: number | null = null;
  #abort: AbortController | null = null;
  #running: Promise<void> | null = null;

  constructor(
    source: { file: File } | { record: UploadRecord },
    private readonly environment: JobEnvironment,
    private readonly onChange: (kind: 'stage' | 'progress') => void,
  ) {
    if ('file' in source) {
      this.#file = source.file;
      this.name = source.file.name;
      this.sizeBytes = source.file.size;
      this.fingerprint = fingerprint(source.file);
      this.key = `file-${Math.random().toString(36).slice(2)}`;
      this.#stage = 'queued';
    } else {
      const { record } = source;
      this.#file = null;
      this.name = record.name;
      this.sizeBytes = record.size_bytes;
      this.fingerprint = record.fingerprint;
      this.key = record.upload_id;
      this.#upload = { id: record.upload_id, assetId: record.asset_id };
      this.#stage = 'interrupted';
    }
  }

  get stage(): UploadStage {
    return this.#stage;
  }

  get assetId(): string | null {
    return this.#upload?.assetId ?? null;
  }

  view(): JobView {
    const sent = this.#sent.reduce((sum, bytes) => sum + bytes, 0);
    const pace = this.#stage === 'sending' ? this.#pace.bytesPerSecond() : null;
    return {
      key: this.key,
      name: this.name,
      sizeBytes: this.sizeBytes,
      stage: this.#stage,
      sentBytes: Math.min(sent, this.sizeBytes),
      parts: this.#plan.map((part, index) => (part.to === part.from ? 1 : (this.#sent[index] ?? 0) / (part.to - part.from))),
      bytesPerSecond: pace,
      secondsLeft: secondsLeft(this.sizeBytes - sent, pace),
      assetId: this.assetId,
      failure: this.#failure,
      offlineSince: this.#offlineSince,
    };
  }

  /** Gives a job that a reload cut off its file back. */
  adopt(file: File): void {
    this.#file = file;
    this.#to('queued');
  }

  /** Reads what the server has of an interrupted upload; resolves with whether it can still go on. */
  async look(): Promise<boolean> {
    if (!this.#upload) return false;
    try {
      const upload = await this.environment.api.read(this.#upload.id);
      if (upload.state !== 'open') {
        await this.environment.forget(this.#upload.id);
        return false;
      }
      this.#take(upload);
      this.onChange('progress');
      return true;
    } catch (error) {
      if (error instanceof UploadRefused && error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 429) {
        await this.environment.forget(this.#upload.id);
        return false;
      }
      return true;
    }
  }

  /** Runs until the upload is complete, paused, failed or cancelled. Never rejects. */
  run(): Promise<void> {
    if (this.#running) return this.#running;
    const abort = new AbortController();
    this.#abort = abort;
    this.#failure = null;
    this.#running = this.#runAll(abort.signal)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) this.#fail(error);
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  pause(): void {
    if (this.#stage !== 'sending' && this.#stage !== 'offline' && this.#stage !== 'queued' && this.#stage !== 'preparing') return;
    this.#abort?.abort();
    this.#dropUnfinished();
    this.#to('paused');
  }

  /** Puts a paused or failed upload back in the queue. */
  requeue(): void {
    if (this.#stage === 'paused' || this.#stage === 'failed') this.#to('queued');
  }

  /** Stops and gives the reserved room back. */
  async cancel(): Promise<void> {
    this.#abort?.abort();
    this.#to('cancelled');
    if (!this.#upload) return;
    await this.environment.forget(this.#upload.id);
    await this.environment.api.cancel(this.#upload.id).catch(() => undefined);
  }

  /** Moves on with what the server says about the asset after completion. */
  settle(stage: 'processing' | 'ready' | 'failed', failure: Failure | null = null): void {
    if (this.#stage === 'cancelled' || (this.#stage === stage && this.#failure?.detail === failure?.detail)) return;
    this.#failure = failure;
    this.#to(stage);
  }

  async #runAll(signal: AbortSignal): Promise<void> {
    const file = this.#file;
    if (!file) return;
    this.#to('preparing');
    await this.#prepare(file, signal);
    signal.throwIfAborted();
    // Completion names what is missing if anything is: one more round sends exactly that.
    for (let round = 1; ; round += 1) {
      this.#to('sending');
      await this.#sendMissing(file, signal);
      signal.throwIfAborted();
      this.#to('completing');
      try {
        await this.#call(() => this.environment.api.complete(this.#upload!.id), signal);
        break;
      } catch (error) {
        if (round >= 2 || !(error instanceof UploadRefused) || error.status !== 409) throw error;
        this.#take(await this.#call(() => this.environment.api.read(this.#upload!.id), signal));
      }
    }
    await this.environment.forget(this.#upload!.id);
    signal.throwIfAborted();
    this.#to('processing');
  }

  async #prepare(file: File, signal: AbortSignal): Promise<void> {
    const { api } = this.environment;
    if (this.#upload) {
      const known = this.#upload.id;
      this.#take(await this.#call(() => api.read(known), signal));
      return;
    }
    const upload = await this.#call(
      () =>
        api.create({
          name: file.name,
          size_bytes: file.size,
          content_type: file.type || 'application/octet-stream',
          fingerprint: this.fingerprint,
        }),
      signal,
    );
    this.#take(upload);
    if (this.#stage === 'cancelled') {
      // Cancelled while the answer was under way: give the room back that it reserved.
      await api.cancel(upload.id).catch(() => undefined);
      return;
    }
    await this.environment.remember({
      upload_id: upload.id,
      asset_id: upload.asset_id,
      name: file.name,
      size_bytes: file.size,
      fingerprint: this.fingerprint,
      started_at: this.environment.now(),
    });
  }

  #take(upload: ServerUpload): void {
    this.#upload = { id: upload.id, assetId: upload.asset_id };
    this.#plan = planParts(this.sizeBytes, upload.part_bytes);
    this.#sent = this.#plan.map(() => 0);
    this.#arrived = this.#plan.map(() => false);
    for (const { number, size_bytes } of upload.received) {
      const part = this.#plan[number - 1];
      // A part of another size is not ours as planned: it is sent again.
      if (!part || part.to - part.from !== size_bytes) continue;
      this.#sent[number - 1] = size_bytes;
      this.#arrived[number - 1] = true;
    }
    this.#pace.reset();
  }

  async #sendMissing(file: File, signal: AbortSignal): Promise<void> {
    const missing = this.#plan.filter((_, index) => !this.#arrived[index]);
    let next = 0;
    // One part that cannot go on stops the others too, instead of letting them send in vain.
    const group = new AbortController();
    const linked = AbortSignal.any([signal, group.signal]);
    const lane = async (): Promise<void> => {
      while (next < missing.length) {
        const part = missing[next++]!;
        await this.#sendPart(file, part, linked);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(PARALLEL_PARTS, missing.length) }, lane));
    } catch (error) {
      group.abort();
      this.#dropUnfinished();
      throw error;
    }
  }

  async #sendPart(file: File, part: Part, signal: AbortSignal): Promise<void> {
    const { api, put, digest } = this.environment;
    const index = part.number - 1;
    const body = file.slice(part.from, part.to);
    for (let attempt = 1; ; ) {
      let sha256 = this.#digests.get(part.number);
      if (!sha256) {
        sha256 = await digest(body);
        this.#digests.set(part.number, sha256);
      }
      const wanted = { number: part.number, sha256 };
      const [signed] = await this.#call(() => api.sign(this.#upload!.id, [wanted]), signal);
      signal.throwIfAborted();
      const status = await put(signed!, body, (sent) => this.#progress(index, sent), signal);
      if (status >= 200 && status < 300) {
        this.#arrived[index] = true;
        this.#progress(index, part.to - part.from);
        return;
      }
      this.#progress(index, 0);
      const verdict = partVerdict(status, this.environment.online());
      if (verdict === 'offline') {
        await this.#waitForNetwork(signal);
        continue;
      }
      if (verdict === 'give-up' || attempt >= TRIES_PER_PART) {
        throw new UploadRefused(status, 'store', status === 0 ? undefined : t`The store refused part ${part.number} (${status}).`);
      }
      await this.environment.sleep(backoffMs(attempt), signal);
      attempt += 1;
    }
  }

  /** Calls the application; waits through lost networks and its bad moments. */
  async #call<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; ) {
      signal.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof UploadRefused)) throw error;
        if (error.status === 0 && !this.environment.online()) {
          await this.#waitForNetwork(signal);
          continue;
        }
        const passing = error.status === 0 || error.status === 429 || error.status >= 500;
        if (!passing || attempt >= TRIES_PER_CALL) throw error;
        await this.environment.sleep(backoffMs(attempt), signal);
        attempt += 1;
      }
    }
  }

  async #waitForNetwork(signal: AbortSignal): Promise<void> {
    const before = this.#stage === 'offline' ? 'sending' : this.#stage;
    this.#offlineSince ??= this.environment.now();
    this.#to('offline');
    await this.environment.whenOnline(signal);
    signal.throwIfAborted();
    this.#offlineSince = null;
    this.#pace.reset();
    if (this.#stage === 'offline') this.#to(before);
  }

  #progress(index: number, sent: number): void {
    this.#sent[index] = sent;
    this.#pace.add(this.environment.now(), this.#sent.reduce((sum, bytes) => sum + bytes, 0));
    this.onChange('progress');
  }

  #dropUnfinished(): void {
    this.#sent = this.#sent.map((bytes, index) => (this.#arrived[index] ? bytes : 0));
    this.#pace.reset();
    this.#offlineSince = null;
  }

  #fail(error: unknown): void {
    if (error instanceof UploadRefused) {
      this.#failure = failureOf(error.status, error.code, error.detail);
      // The server no longer knows this upload: the next try begins a new one.
      if ((error.status === 404 || error.status === 410) && this.#upload) {
        void this.environment.forget(this.#upload.id);
        this.#upload = null;
      }
    } else {
      this.#failure = {
        title: t`The file cannot be read`,
        detail: t`It was moved, renamed or changed after you chose it. Choose it again.`,
        retryable: false,
      };
    }
    this.#to('failed');
  }

  #to(stage: UploadStage): void {
    this.#stage = stage;
    this.onChange('stage');
  }
}
