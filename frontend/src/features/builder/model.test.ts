import { describe, expect, it } from 'vitest';
import { dropPlace, modulesOf, placeOf, rowsOf, stepPlace, withMove, type DraftNode } from './model';

const node = (item: string, kind: 'module' | 'lesson', parent: string | null = null): DraftNode => ({
  item,
  kind,
  parent,
  title: item,
  config: null,
  revision: 1,
  asset_id: null,
  is_empty: true,
});

/** A: a1 a2 a3 · B: (none) · C: c1 */
const NODES = [
  node('A', 'module'),
  node('a1', 'lesson', 'A'),
  node('a2', 'lesson', 'A'),
  node('a3', 'lesson', 'A'),
  node('B', 'module'),
  node('C', 'module'),
  node('c1', 'lesson', 'C'),
];
const NONE = new Set<string>();
const order = (nodes: readonly DraftNode[]) => nodes.map((each) => each.item).join(' ');
const drop = (item: string, over: string, folded: ReadonlySet<string> = NONE) => dropPlace(NODES, rowsOf(NODES, folded), item, over);

describe('rows', () => {
  it('leave out the lessons of folded modules', () => {
    expect(order(rowsOf(NODES, new Set(['A'])))).toBe('A B C c1');
    expect(modulesOf(NODES).map((module) => module.lessons.length)).toEqual([3, 0, 1]);
  });
});

describe('dropping', () => {
  it('puts a lesson where the row was', () => {
    expect(drop('a1', 'a3')).toEqual({ parent: 'A', after: 'a3' });
    expect(drop('a3', 'a1')).toEqual({ parent: 'A', after: null });
    expect(drop('a1', 'c1')).toEqual({ parent: 'C', after: 'c1' });
  });

  it('puts a lesson that passes a module into it, first', () => {
    expect(drop('a3', 'B')).toEqual({ parent: 'B', after: null });
    expect(drop('a1', 'C')).toEqual({ parent: 'C', after: null });
  });

  it('puts a lesson above the first module first in it', () => {
    expect(drop('c1', 'A')).toEqual({ parent: 'A', after: null });
  });

  it('puts a lesson at the end of a folded module', () => {
    expect(drop('c1', 'B', new Set(['A']))).toEqual({ parent: 'A', after: 'a3' });
  });

  it('carries modules among modules, wherever the row is', () => {
    expect(drop('C', 'A')).toEqual({ parent: null, after: null });
    expect(drop('A', 'c1')).toEqual({ parent: null, after: 'C' });
  });

  it('is nothing on itself or back in its place', () => {
    expect(drop('a1', 'a1')).toBeNull();
    expect(drop('C', 'c1')).toBeNull();
  });
});

describe('steps', () => {
  it('go over the edges of modules', () => {
    expect(stepPlace(NODES, 'a2', 'up')).toEqual({ parent: 'A', after: null });
    expect(stepPlace(NODES, 'a3', 'up')).toEqual({ parent: 'A', after: 'a1' });
    expect(stepPlace(NODES, 'a3', 'down')).toEqual({ parent: 'B', after: null });
    expect(stepPlace(NODES, 'c1', 'up')).toEqual({ parent: 'B', after: null });
  });

  it('end at the ends', () => {
    expect(stepPlace(NODES, 'a1', 'up')).toBeNull();
    expect(stepPlace(NODES, 'c1', 'down')).toBeNull();
    expect(stepPlace(NODES, 'A', 'up')).toBeNull();
    expect(stepPlace(NODES, 'C', 'down')).toBeNull();
  });

  it('carry a module over its neighbour', () => {
    expect(stepPlace(NODES, 'A', 'down')).toEqual({ parent: null, after: 'B' });
    expect(stepPlace(NODES, 'C', 'up')).toEqual({ parent: null, after: 'A' });
  });
});

describe('a move', () => {
  it('shows what the server will answer', () => {
    expect(order(withMove(NODES, 'a1', { parent: 'C', after: 'c1' }))).toBe('A a2 a3 B C c1 a1');
    expect(order(withMove(NODES, 'A', { parent: null, after: 'B' }))).toBe('B A a1 a2 a3 C c1');
    expect(placeOf(withMove(NODES, 'a1', { parent: 'B', after: null }), 'a1')).toEqual({ parent: 'B', after: null });
  });

  it('comes back by the place it had', () => {
    const place = placeOf(NODES, 'a2')!;
    expect(order(withMove(withMove(NODES, 'a2', { parent: 'C', after: null }), 'a2', place))).toBe(order(NODES));
  });
});
