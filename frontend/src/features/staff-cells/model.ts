import { t } from '@lingui/core/macro';
import type { Cell, Move } from '@/api/staff';
import { span } from '@/features/staff-kit/age';
import type { StatusTone } from '@/ui/status';

type Step = Move['steps'][number]['name'];

/** Measured on the machine that the product is built for: a move's writes wait a second for so many rows. */
const ROWS_A_SECOND = 60_000;

export const isUnderWay = (move: Pick<Move, 'state'>) => ['queued', 'running', 'aborting', 'dropping'].includes(move.state);

export function moveWord(move: Pick<Move, 'state'>): string {
  switch (move.state) {
    case 'queued':
      return t`Waiting`;
    case 'running':
      return t`Being moved`;
    case 'moved':
      return t`Moved`;
    case 'dropping':
      return t`Moved, being removed here`;
    case 'dropped':
      return t`Moved, removed here`;
    case 'aborting':
      return t`Being given up`;
    case 'aborted':
      return t`Given up`;
    case 'failed':
      return t`Failed`;
  }
}

export const MOVE_TONES: Record<Move['state'], StatusTone> = {
  queued: 'off',
  running: 'running',
  moved: 'fine',
  dropping: 'running',
  dropped: 'fine',
  aborting: 'running',
  aborted: 'off',
  failed: 'failed',
};

export function stepWord(step: Step): string {
  switch (step) {
    case 'freeze':
      return t`Writes wait`;
    case 'copy':
      return t`Copied`;
    case 'verify':
      return t`Compared`;
    case 'flip':
      return t`Sent over`;
    case 'open':
      return t`Open there`;
    case 'drop':
      return t`Removed here`;
  }
}

export type Mark = 'done' | 'now' | 'open' | 'stopped';

/** What each step is at: those with a moment are over; the first without one is where it is, or where it stopped. */
export function marks(move: Pick<Move, 'state' | 'stage' | 'steps'>): { step: Step; at: string | null; mark: Mark }[] {
  let reached = false;
  // What failed or was given up before the first step was over stopped at the check, which touches nothing.
  const begun = move.steps.some((step) => step.at !== null);
  return move.steps.map(({ name, at }) => {
    if (at !== null) return { step: name, at, mark: 'done' as const };
    const first = !reached;
    reached = true;
    if (!first) return { step: name, at, mark: 'open' as const };
    if (move.state === 'failed' || move.state === 'aborted') return { step: name, at, mark: begun ? ('stopped' as const) : ('open' as const) };
    return { step: name, at, mark: move.state === 'running' || move.state === 'dropping' ? ('now' as const) : ('open' as const) };
  });
}

/** How full a cell is, 0 to 1; null where nobody said how many it takes. */
export const fill = (cell: Pick<Cell, 'organizations' | 'capacity'>): number | null => (cell.capacity > 0 ? cell.organizations / cell.capacity : null);

/** Why a cell can't take an organization, or null. The server looks closer; this saves the way there. */
export function whyNot(cell: Cell, from: string): string | null {
  if (cell.name === from) return t`It is there.`;
  if (cell.state === 'draining') return t`It takes no organizations.`;
  if (cell.capacity > 0 && cell.organizations >= cell.capacity) return t`It is full.`;
  return null;
}

/** How long writes wait, about, by the rows that the last move counted; null where nobody has counted yet. */
export const waitWords = (rows: number | null): string => (rows === null ? t`some seconds` : t`about ${span(Math.max(5, Math.ceil(rows / ROWS_A_SECOND) + 4))}`);
