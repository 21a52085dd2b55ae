import type { PutPart, SignedPart } from './types';

/** The browser's half of an upload: bytes, digests, network. */

/** Headers a page may not set itself; the browser does. They may still be part of what was signed. */
const SET_BY_BROWSER = new Set(['content-length', 'host']);

/** PUTs one part with XMLHttpRequest: the only way a browser tells how many bytes have left. */
export const putPart: PutPart = (signed: SignedPart, body, onProgress, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (done: () => void) => {
      signal.removeEventListener('abort', stop);
      done();
    };
    request.open('PUT', signed.url);
    for (const [name, value] of Object.entries(signed.headers)) {
      if (!SET_BY_BROWSER.has(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => settle(() => resolve(request.status));
    request.onerror = () => settle(() => resolve(0));
    request.ontimeout = () => settle(() => resolve(0));
    request.onabort = () => settle(() => reject(signal.reason ?? new DOMException('Aborted', 'AbortError')));
    signal.addEventListener('abort', stop);
    request.send(body);
  });

/**
 * SHA-256 of a part, base64 as S3 wants it. WebCrypto digests off the main thread already, and reading a slice is
 * asynchronous too, so a worker of our own would only add a copy.
 */
export async function digestPart(part: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await part.arrayBuffer()));
  let binary = '';
  for (const byte of hash) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export const isOnline = (): boolean => navigator.onLine;

export function whenOnline(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const done = () => {
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', gone);
      resolve();
    };
    const gone = () => {
      window.removeEventListener('online', done);
      reject(signal.reason);
    };
    window.addEventListener('online', done);
    signal.addEventListener('abort', gone, { once: true });
  });
}

export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', gone);
      resolve();
    }, ms);
    const gone = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', gone, { once: true });
  });
}
