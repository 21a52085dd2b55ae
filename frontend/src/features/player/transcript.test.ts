import { describe, expect, it } from 'vitest';
import { followAfter, hitNear, pieces, search, stepHit } from './transcript';
import { cuesAt, cueText, currentCueIndex, parseClock, parseVtt } from './vtt';

const FILE = `WEBVTT - a lesson

STYLE
::cue { color: red }

NOTE nobody reads this
00:00:00.000 --> 00:00:09.000

intro
00:01.000 --> 00:04.500 align:start position:10%
<v Ann>Count the <b>steps</b>.</v>

00:00:04.500 --> 00:00:09.000
One step,
one shaded group &amp; no more.

01:00:00.000 --> 00:59:00.000
backwards

00:00:08.000 --> 00:00:12.000
Über Größe
`;
const cues = parseVtt(FILE);

describe('WebVTT', () => {
  it('reads cues, with and without hours, names and settings', () => {
    expect(cues).toEqual([
      { start: 1, end: 4.5, text: 'Count the steps.' },
      { start: 4.5, end: 9, text: 'One step,\none shaded group & no more.' },
      { start: 8, end: 12, text: 'Über Größe' },
    ]);
  });

  it('reads SRT and Windows line ends too', () => {
    expect(parseVtt('\uFEFF1\r\n00:00:01,500 --> 00:00:02,000\r\nHi\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nyou\r\n')).toEqual([
      { start: 1.5, end: 2, text: 'Hi' },
      { start: 3, end: 4, text: 'you' },
    ]);
  });

  it('never lets markup through', () => {
    expect(cueText('<img src=x onerror=alert(1)>a<i>b</i> &lt;c&gt;')).toBe('ab <c>');
    expect(parseClock('1:2')).toBeNull();
  });

  it('finds the cue of a moment', () => {
    expect(currentCueIndex(cues, 0)).toBe(-1);
    expect(currentCueIndex(cues, 4.4)).toBe(0);
    expect(currentCueIndex(cues, 100)).toBe(2);
    expect(cuesAt(cues, 8.5).map((cue) => cue.text)).toEqual(['One step,\none shaded group & no more.', 'Über Größe']);
    expect(cuesAt(cues, 100)).toEqual([]);
  });
});

describe('transcript search', () => {
  it('counts every hit, without case and accents', () => {
    expect(search(cues, 'STEP')).toEqual([
      { cue: 0, from: 10, to: 14 },
      { cue: 1, from: 4, to: 8 },
    ]);
    expect(search(cues, 'uber')).toHaveLength(1);
    expect(search(cues, '  ')).toEqual([]);
  });

  it('cuts a line at its hits and loses no letter', () => {
    const hits = search(cues, 'one');
    expect(pieces(cues[1]!.text, 1, hits).map((piece) => piece.text).join('')).toBe(cues[1]!.text);
    expect(pieces(cues[1]!.text, 1, hits).filter((piece) => piece.hit !== null).map((piece) => piece.text)).toEqual(['One', 'one']);
    expect(pieces('plain', 0, [])).toEqual([{ text: 'plain', hit: null }]);
  });

  it('starts near the voice and goes round', () => {
    const hits = search(cues, 'step');
    expect(hitNear(hits, 1)).toBe(1);
    expect(hitNear(hits, 2)).toBe(0);
    expect(hitNear([], 0)).toBe(-1);
    expect(stepHit(hits, 1, 1)).toBe(0);
    expect(stepHit(hits, 0, -1)).toBe(1);
  });
});

describe('following', () => {
  it('rests while someone reads and comes back when asked', () => {
    let state = followAfter('following', 'reader-scrolled');
    expect(state).toBe('reading');
    state = followAfter(state, 'back-to-now');
    expect(state).toBe('following');
    state = followAfter(state, 'stepped-to-hit');
    expect(state).toBe('reading');
    expect(followAfter(state, 'picked-line')).toBe('following');
  });
});
