import type { Cue } from './vtt';

/** One hit of a search: which cue, and where in its text. */
export interface Hit {
  cue: number;
  from: number;
  to: number;
}

/** A stretch of cue text; `hit` is the index in the list of hits when it matches the search. */
export interface Piece {
  text: string;
  hit: number | null;
}

/** Letters compared without case and accents, one folded character for each original one, so offsets hold. */
function fold(text: string): string {
  let folded = '';
  for (let index = 0; index < text.length; index += 1) {
    const plain = text[index]!.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    folded += plain.length === 1 ? plain : text[index]!;
  }
  return folded;
}

/** Every place where the query occurs, in reading order. An empty query finds nothing. */
export function search(cues: readonly Cue[], query: string): Hit[] {
  const wanted = fold(query.trim());
  if (wanted === '') return [];
  const hits: Hit[] = [];
  cues.forEach((cue, index) => {
    const text = fold(cue.text);
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      hits.push({ cue: index, from: at, to: at + wanted.length });
    }
  });
  return hits;
}

/** The text of a cue cut at its hits. */
export function pieces(text: string, cueIndex: number, hits: readonly Hit[]): Piece[] {
  const cut: Piece[] = [];
  let cursor = 0;
  hits.forEach((hit, index) => {
    if (hit.cue !== cueIndex) return;
    if (hit.from > cursor) cut.push({ text: text.slice(cursor, hit.from), hit: null });
    cut.push({ text: text.slice(hit.from, hit.to), hit: index });
    cursor = hit.to;
  });
  if (cursor < text.length || cut.length === 0) cut.push({ text: text.slice(cursor), hit: null });
  return cut;
}

/** The hit to show first: the first at or after the cue being spoken, else the first of all; -1 without hits. */
export function hitNear(hits: readonly Hit[], currentCue: number): number {
  if (hits.length === 0) return -1;
  const after = hits.findIndex((hit) => hit.cue >= currentCue);
  return after < 0 ? 0 : after;
}

/** The hit before or after, round the end. */
export function stepHit(hits: readonly Hit[], current: number, direction: 1 | -1): number {
  if (hits.length === 0) return -1;
  return (current + direction + hits.length) % hits.length;
}

/**
 * Whether the list follows the voice. It does until the reader scrolls or steps through hits, and again from the
 * moment they ask for it or pick a line to hear.
 */
export type Follow = 'following' | 'reading';
export type FollowEvent = 'reader-scrolled' | 'stepped-to-hit' | 'back-to-now' | 'picked-line';

export function followAfter(state: Follow, event: FollowEvent): Follow {
  switch (event) {
    case 'reader-scrolled':
    case 'stepped-to-hit':
      return 'reading';
    case 'back-to-now':
    case 'picked-line':
      return 'following';
    default:
      return state;
  }
}
