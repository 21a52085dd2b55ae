import { describe, expect, it } from 'vitest';
import { clock, faultWords, parseTimeParameter, qualityChoices, segments, spokenClock, startPosition } from './model';
import { parsePreferences } from './preferences';

describe('player model', () => {
  it('writes clocks', () => {
    expect([0, 61, 763, 3723, Number.NaN].map(clock)).toEqual(['0:00', '1:01', '12:43', '1:02:03', '0:00']);
    expect(spokenClock(3661)).toBe('1 hour 1 minute 1 second');
  });

  it('resumes where it makes sense, and the address wins', () => {
    expect(startPosition(null, 754, 1198)).toEqual({ at: 754, resumed: true });
    expect(startPosition(83, 754, 1198)).toEqual({ at: 83, resumed: false });
    expect(startPosition(null, 3, 1198)).toEqual({ at: 0, resumed: false });
    expect(startPosition(null, 1195, 1198)).toEqual({ at: 0, resumed: false });
    expect(startPosition(9999, 0, 100)).toEqual({ at: 99, resumed: false });
  });

  it('reads times from an address in the ways people write them', () => {
    expect(['83', '1m23s', '1:23', '1:00:01', '2h', 'soon', '', null].map(parseTimeParameter)).toEqual([83, 83, 83, 3601, 7200, null, null, null]);
  });

  it('cuts the bar at chapters', () => {
    expect(segments([], 100)).toEqual([{ from: 0, to: 100, title: null }]);
    expect(segments([{ start: 10, title: 'A' }, { start: 50, title: 'B' }], 100)).toEqual([
      { from: 0, to: 10, title: null },
      { from: 10, to: 50, title: 'A' },
      { from: 50, to: 100, title: 'B' },
    ]);
  });

  it('offers one choice for each picture size', () => {
    const choices = qualityChoices([
      { id: 0, height: 480, bitrate: 1 },
      { id: 1, height: 1080, bitrate: 4 },
      { id: 2, height: 480, bitrate: 2 },
    ]);
    expect(choices.map((choice) => choice.id)).toEqual([1, 2]);
  });

  it('says what is safe in every fault', () => {
    for (const fault of ['offline', 'network', 'forbidden', 'missing', 'media', 'busy', 'paused'] as const) {
      expect(faultWords(fault, 763).detail).toContain('12:43');
    }
  });

  it('survives foreign preferences', () => {
    expect(parsePreferences('{"speed":99,"volume":0.5,"muted":"yes","keys":false}')).toMatchObject({ speed: 1, volume: 0.5, muted: false, keys: false });
    expect(parsePreferences('not json')).toMatchObject({ speed: 1 });
  });
});
