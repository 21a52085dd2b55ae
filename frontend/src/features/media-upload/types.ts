import type { Failure, UploadStage } from './model';

/** What the server says about an upload. */
export interface ServerUpload {
  id: string;
  asset_id: string;
  part_bytes: number;
  parts: number;
  state: string;
  received: { number: number; size_bytes: number }[];
  expires_at: string;
}

export interface SignedPart {
  number: number;
  url: string;
  headers: Record<string, string>;
}

/** A refusal with its status and problem code; `status` 0 means no answer. */
export class UploadRefused extends Error {
  constructor(
    readonly status: number,
    readonly code?: string,
    readonly detail?: string,
  ) {
    super(detail ?? `The server answered ${status}.`);
    this.name = 'UploadRefused';
  }
}

/** The application's side of an upload. Every method rejects with UploadRefused. */
export interface UploadApi {
  create(file: { name: string; size_bytes: number; content_type: string; fingerprint: string }): Promise<ServerUpload>;
  read(id: string): Promise<ServerUpload>;
  sign(id: string, parts: { number: number; sha256: string }[]): Promise<SignedPart[]>;
  complete(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
}

/** The store's side: one PUT. Resolves with the HTTP status, 0 when no answer came; rejects only when aborted. */
export type PutPart = (
  signed: SignedPart,
  body: Blob,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
) => Promise<number>;

/** What the page must remember so that the same file can go on after a reload. */
export interface UploadRecord {
  upload_id: string;
  asset_id: string;
  name: string;
  size_bytes: number;
  fingerprint: string;
  started_at: number;
}

export interface JobEnvironment {
  api: UploadApi;
  put: PutPart;
  digest: (part: Blob) => Promise<string>;
  online: () => boolean;
  /** Resolves when the browser says the network is back. */
  whenOnline: (signal: AbortSignal) => Promise<void>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  now: () => number;
  remember: (record: UploadRecord) => Promise<void>;
  forget: (uploadId: string) => Promise<void>;
}

export interface JobView {
  key: string;
  name: string;
  sizeBytes: number;
  stage: UploadStage;
  sentBytes: number;
  /** Share sent of each part, 0..1. */
  parts: readonly number[];
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  assetId: string | null;
  failure: Failure | null;
  /** Milliseconds since the epoch when the network went away. */
  offlineSince: number | null;
}
