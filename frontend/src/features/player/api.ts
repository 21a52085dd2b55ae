import { API, call } from '@/api/client';
import { ApiError } from '@/api/errors';
import { boot } from '@/lib/boot';
import { sendReport, type BeaconAnswer } from '@/lib/beacon';
import type { PlayBeacon } from './beacon-queue';
import { GrantRefused, type Grant, type GrantRefusal, type GrantSource } from './grant';

function refusal(error: unknown): GrantRefused {
  if (!(error instanceof ApiError)) return new GrantRefused('network');
  // Too early for this session, as when the edge refuses a fresh grant: the right may well be there, so another is opened.
  if (error.code === 'renewed_just_now') return new GrantRefused('ended', error.detail);
  if (error.code === 'playback_paused') return new GrantRefused('paused', error.detail);
  const reasons: Record<number, GrantRefusal> = { 401: 'signed-out', 402: 'ended', 403: 'ended', 404: 'ended', 409: 'busy', 410: 'ended', 429: 'busy' };
  return new GrantRefused(reasons[error.status] ?? 'network', error.detail);
}

async function grant(path: string): Promise<Grant> {
  try {
    return await call<Grant>('POST', path);
  } catch (error) {
    throw refusal(error);
  }
}

/** Grants for a lesson a learner is enrolled in; the answer sets the signed cookies. */
export function lessonGrants(enrollment: string, item: string): GrantSource {
  return {
    obtain: () => grant(`enrollments/${enrollment}/items/${item}/grant/`),
    renew: (sid) => grant(`playback-sessions/${sid}/renewal/`),
  };
}

/** Grants for looking at an asset in the studio. */
export function previewGrants(asset: string): GrantSource {
  return {
    obtain: () => grant(`assets/${asset}/grant/`),
    renew: (sid) => grant(`playback-sessions/${sid}/renewal/`),
  };
}

/** One report; never throws. */
export function sendPlayBeacon(enrollment: string, beacon: PlayBeacon, leaving: boolean): Promise<BeaconAnswer> {
  return sendReport(`${API}/enrollments/${enrollment}/play-beacons/`, { ...beacon }, { csrf: boot().csrf, leaving });
}

/** A caption file as text. Rejects when it is not there. */
export async function loadCaptionText(url: string): Promise<string> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`Captions answered ${response.status}`);
  return response.text();
}
