import { describe, expect, it } from 'vitest';
import type { Cell, Move } from '@/api/staff';
import { fill, isUnderWay, marks, waitWords, whyNot } from './model';

const NAMES = ['freeze', 'copy', 'verify', 'flip', 'open', 'drop'] as const;
const move = (state: Move['state'], over: number): Pick<Move, 'state' | 'stage' | 'steps'> => ({
  state,
  stage: '',
  steps: NAMES.map((name, index) => ({ name, at: index < over ? '2026-11-28T12:00:00Z' : null })),
});
const cell = (change: Partial<Cell> = {}): Cell => ({
  name: 'north',
  is_here: false,
  region: '',
  state: 'open',
  capacity: 1500,
  organizations: 3,
  address: '',
  created_at: '2026-11-28T12:00:00Z',
  updated_at: '2026-11-28T12:00:00Z',
  ...change,
});

describe('the steps of a move', () => {
  it('show where it is', () => {
    expect(marks(move('running', 2)).map((one) => one.mark)).toEqual(['done', 'done', 'now', 'open', 'open', 'open']);
    expect(marks(move('queued', 0)).map((one) => one.mark)).toEqual(['open', 'open', 'open', 'open', 'open', 'open']);
  });

  it('show where it stopped, and that the last one waits for its day', () => {
    expect(marks(move('failed', 1))[1]?.mark).toBe('stopped');
    expect(marks(move('failed', 0)).every((one) => one.mark === 'open')).toBe(true);
    expect(marks(move('moved', 5))[5]?.mark).toBe('open');
    expect(marks(move('dropping', 5))[5]?.mark).toBe('now');
    expect(marks(move('dropped', 6)).every((one) => one.mark === 'done')).toBe(true);
  });

  it('are followed closely only while it moves', () => {
    expect((['queued', 'running', 'aborting', 'dropping', 'moved', 'dropped', 'aborted', 'failed'] as const).map((state) => isUnderWay({ state }))).toEqual([
      true, true, true, true, false, false, false, false,
    ]);
  });
});

describe('a cell', () => {
  it('takes organizations unless it is theirs, closed or full', () => {
    expect(whyNot(cell(), 'local')).toBeNull();
    expect(whyNot(cell(), 'north')).toBe('It is there.');
    expect(whyNot(cell({ state: 'draining' }), 'local')).toBe('It takes no organizations.');
    expect(whyNot(cell({ organizations: 1500 }), 'local')).toBe('It is full.');
    expect(whyNot(cell({ capacity: 0 }), 'local')).toBeNull();
  });

  it('is as full as it is, where somebody said how many it takes', () => {
    expect(fill(cell({ organizations: 750 }))).toBe(0.5);
    expect(fill(cell({ capacity: 0 }))).toBeNull();
  });
});

describe('how long writes wait', () => {
  it('is said by what there is to copy', () => {
    expect([waitWords(null), waitWords(100), waitWords(600_000)]).toEqual(['some seconds', 'about 5\u00a0s', 'about 14\u00a0s']);
  });
});
