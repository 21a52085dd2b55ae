import { describe, expect, it } from 'vitest';
import { EMPTY_BODY, EMPTY_DOC, forServer, isEmptyDoc, videoOf, withText, withVideo, wordsOf, type DocNode } from './body';
import { linkFrom } from './link-dialog';
import { titleFromFile } from './use-dropped-films';

const doc = (...lines: string[]): DocNode => ({ type: 'doc', content: lines.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })) });

describe('a body', () => {
  it('takes its first video above the text and keeps the place of a replaced one', () => {
    const text = withText(EMPTY_BODY, 0, doc('a'));
    const both = withVideo(text, 'one');
    expect(both.blocks.map((block) => block.type)).toEqual(['video', 'text']);
    const below = { ...both, blocks: both.blocks.toReversed() };
    expect(withVideo(below, 'two').blocks.map((block) => block.type)).toEqual(['text', 'video']);
    expect(videoOf(withVideo(below, 'two'))).toBe('two');
    expect(videoOf(withVideo(below, null))).toBeNull();
  });

  it('writes the text it is told, and only that', () => {
    const two = withText(withText(EMPTY_BODY, 0, doc('a')), 1, doc('b'));
    expect(wordsOf(withText(two, 0, doc('c')))).toBe('c\nb');
  });

  it('sends no empty text and no HTML', () => {
    const body = { v: 1 as const, blocks: [{ type: 'text' as const, doc: EMPTY_DOC }, { type: 'text' as const, doc: doc('a'), html: '<p>a</p>' }] };
    expect(forServer(body).blocks).toEqual([{ type: 'text', doc: doc('a') }]);
    expect(isEmptyDoc({ type: 'doc', content: [{ type: 'horizontalRule' }] })).toBe(false);
  });
});

describe('what people type', () => {
  it('becomes a link that leads somewhere', () => {
    expect(linkFrom('example.org')).toBe('https://example.org/');
    expect(linkFrom('ann@example.org')).toBe('mailto:ann@example.org');
    expect(linkFrom('example.org:8000/a')).toBe('https://example.org:8000/a');
    expect(linkFrom('javascript:alert(1)')).toBeNull();
    expect(linkFrom('two words')).toBeNull();
    expect(linkFrom('')).toBeNull();
  });

  it('names a lesson after a file', () => {
    expect(titleFromFile('iv-curve_part_1.mov')).toBe('Iv curve part 1');
    expect(titleFromFile('.mp4')).toBe('.mp4');
  });
});
