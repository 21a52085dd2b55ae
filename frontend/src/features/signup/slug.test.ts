import { describe, expect, it } from 'vitest';
import type { Availability } from '@/api/types';
import { slugOf, slugReducer, slugStart, typedSlug } from './slug';

const answer = (change: Partial<Availability>): Availability => ({
  slug: 'x',
  available: false,
  reason: 'taken',
  message: '“x” belongs to another organization.',
  suggestion: 'x-academy',
  ...change,
});

describe('slugOf', () => {
  it.each([
    ['Harbour City Health', 'harbour-city-health'],
    ['  Ærø & Sønner  A/S ', 'r-snner-a-s'],
    ['Łódź Szkoła', 'odz-szkoa'],
    ['École Supérieure', 'ecole-superieure'],
    ['株式会社', ''],
    ['a'.repeat(60), 'a'.repeat(40)],
  ])('%s', (name, slug) => expect(slugOf(name)).toBe(slug));

  it('keeps what is typed close to what was meant', () => expect(typedSlug('Harbour City')).toBe('harbour-city'));
});

describe('the address field', () => {
  const reduce = slugReducer('mine');

  it('follows the name until someone types in it', () => {
    let state = reduce(slugStart(''), { type: 'named', name: 'Harbour' });
    expect(state).toEqual({ value: 'harbour', follows: true, check: { kind: 'checking' } });
    state = reduce(state, { type: 'typed', text: 'harbour-x' });
    state = reduce(state, { type: 'named', name: 'Harbour City' });
    expect(state.value).toBe('harbour-x');
  });

  it('follows again when it is emptied', () => {
    const state = reduce(reduce(slugStart('abc'), { type: 'typed', text: '' }), { type: 'named', name: 'Globex' });
    expect(state.value).toBe('globex');
  });

  it('ignores an answer about an older word', () => {
    const state = reduce(slugStart('new'), { type: 'answered', slug: 'old', answer: answer({}) });
    expect(state.check.kind).toBe('checking');
  });

  it('says why an address cannot be had and what could', () => {
    const state = reduce(slugStart('x'), { type: 'answered', slug: 'x', answer: answer({}) });
    expect(state.check).toMatchObject({ kind: 'refused', reason: 'taken', suggestion: 'x-academy' });
  });

  it('counts the address this browser holds itself as free', () => {
    const held = answer({ slug: 'mine', reason: 'held' });
    expect(reduce(slugStart('mine'), { type: 'answered', slug: 'mine', answer: held }).check.kind).toBe('free');
    expect(reduce(slugStart('other'), { type: 'answered', slug: 'other', answer: held }).check.kind).toBe('refused');
  });

  it('lets people go on when the check cannot be reached', () => {
    expect(reduce(slugStart('x'), { type: 'failed', slug: 'x' }).check.kind).toBe('unknown');
  });
});
