import { plural, t } from '@lingui/core/macro';
import type { Release, ReleaseOrganization } from '@/api/staff';
import type { Page } from '@/api/types';
import { count } from '@/features/staff-kit/age';
import type { StatusTone } from '@/ui/status';
import type { TrackSegment } from '@/ui/track';

export type RowState = ReleaseOrganization['state'];

/** What matters most first: it is also what is shown when nothing was chosen. */
export const ROW_STATES: readonly RowState[] = ['failed', 'running', 'pending', 'done'];
/** In the order in which a release reaches them. */
const RINGS = ['canary', 'tenth', 'all'] as const;

/** "0042": how a release's number is written everywhere. */
export const releaseName = (number: number) => String(number).padStart(4, '0');

export function releaseWord(state: Release['state']): string {
  switch (state) {
    case 'waiting':
      return t`Not begun`;
    case 'running':
      return t`On its way`;
    case 'paused':
      return t`Paused`;
    case 'stopped':
      return t`Stopped`;
    case 'done':
      return t`Done`;
  }
}

const RELEASE_TONES: Record<Release['state'], StatusTone> = { waiting: 'off', running: 'running', paused: 'look', stopped: 'failed', done: 'fine' };

export const releaseTone = (release: Pick<Release, 'state' | 'failed'>): StatusTone =>
  release.state === 'done' && release.failed > 0 ? 'look' : RELEASE_TONES[release.state];

export function rowWord(state: RowState): string {
  switch (state) {
    case 'failed':
      return t`Failed`;
    case 'running':
      return t`Running`;
    case 'pending':
      return t`Waiting`;
    case 'done':
      return t`Done`;
  }
}

export const ROW_TONES: Record<RowState, StatusTone> = { failed: 'failed', running: 'running', pending: 'off', done: 'fine' };

export function ringWord(ring: string): string {
  switch (ring) {
    case 'canary':
      return t`Canaries`;
    case 'tenth':
      return t`A tenth`;
    case 'all':
      return t`Everybody else`;
    default:
      return t`Made on it`;
  }
}

export type Tally = Record<RowState, number> & { total: number };

const nothing = (): Tally => ({ failed: 0, running: 0, pending: 0, done: 0, total: 0 });

function add(tally: Tally, state: RowState, organizations: number): void {
  tally[state] += organizations;
  tally.total += organizations;
}

/** How far each ring is, in the order of the rings. */
export function rings(release: Pick<Release, 'counts'>): { ring: string; tally: Tally }[] {
  return RINGS.flatMap((ring) => {
    const tally = nothing();
    for (const line of release.counts) if (line.ring === ring) add(tally, line.state, line.organizations);
    return tally.total > 0 ? [{ ring, tally }] : [];
  });
}

/** All organizations on their way to a release, by state. */
export function totals(release: Pick<Release, 'counts'>): Tally {
  const tally = nothing();
  for (const line of release.counts) add(tally, line.state, line.organizations);
  return tally;
}

/** How far each data step is, in the order in which the server names them. */
export function steps(release: Pick<Release, 'data_steps'>): { name: string; tally: Tally }[] {
  const found = new Map<string, Tally>();
  for (const line of release.data_steps) {
    const tally = found.get(line.name) ?? nothing();
    add(tally, line.state, line.organizations);
    found.set(line.name, tally);
  }
  return [...found].map(([name, tally]) => ({ name, tally }));
}

/** Something of it changes by itself soon: a runner, an organization that is taken along, or a step behind it. */
export function isMoving(release: Release): boolean {
  const { running, pending } = totals(release);
  const taken = pending > 0 && (release.state === 'running' || release.state === 'done');
  const waiting = steps(release).some(({ tally }) => tally.running > 0 || tally.pending > 0);
  return release.is_running || running > 0 || taken || waiting;
}

/** Whether the pages read so far can be those of a list of `counted` rows. */
export function isOfLength(pages: readonly Page<unknown>[] | undefined, counted: number): boolean {
  if (!pages) return false;
  const listed = pages.reduce((sum, page) => sum + page.items.length, 0);
  return pages.at(-1)?.next ? listed < counted : listed === counted;
}

/** One segment a ring, wide enough to be seen however few canaries there are; what failed stands at its end. */
export function track(release: Pick<Release, 'counts'>): TrackSegment[] {
  const found = rings(release);
  const all = found.reduce((sum, { tally }) => sum + tally.total, 0);
  return found.flatMap(({ ring, tally }) => {
    const weight = Math.max(tally.total, all * 0.06);
    const failed = weight * (tally.failed / tally.total);
    const rest = tally.total - tally.failed;
    const segments: TrackSegment[] = [];
    if (rest > 0) segments.push({ key: ring, weight: weight - failed, spans: tally.done > 0 ? [[0, tally.done / rest]] : [] });
    if (tally.failed > 0) segments.push({ key: `${ring} failed`, weight: failed, spans: [[0, 1]], tone: 'danger' });
    return segments;
  });
}

/** How far the whole release is, in a sentence: what the track shows. */
export function progressSentence(release: Release): string {
  const { on_it: on, behind } = release;
  const all = on + behind;
  if (all === 0) return t`No organization has a schema yet.`;
  if (behind === 0) return plural(all, { one: 'The one organization has it.', other: `All ${count(all)} organizations have it.` });
  return t`${count(on)} of ${count(all)} organizations have it.`;
}

/** Since when it is in its state, in the API's own time; null where nothing says so. */
export function since(release: Release): string | null {
  if (release.state === 'done') return release.finished_at;
  if (release.state === 'running') return release.started_at;
  return release.state === 'waiting' ? release.recorded_at : release.seen_at;
}

/** What a page shows at length: the newest, and whatever is not in order. The rest is history. */
export function split(releases: readonly Release[]): { open: Release[]; past: Release[] } {
  const ordered = [...releases].sort((one, two) => two.number - one.number);
  const isOpen = (release: Release, index: number) => index === 0 || release.state !== 'done' || release.failed > 0 || isMoving(release);
  return { open: ordered.filter(isOpen), past: ordered.filter((release, index) => !isOpen(release, index)) };
}
