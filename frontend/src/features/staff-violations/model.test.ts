import { describe, expect, it } from 'vitest';
import { blockedWord, surfaceOf, toneOf } from './model';

describe('reports about the policy', () => {
  it('puts what runs code before what is only shown, and extensions last', () => {
    expect(toneOf({ directive: 'script-src-elem', blocked: 'evil.example' })).toBe('failed');
    expect(toneOf({ directive: 'require-trusted-types-for', blocked: 'trusted-types-sink' })).toBe('failed');
    expect(toneOf({ directive: 'img-src', blocked: 'elsewhere' })).toBe('look');
    expect(toneOf({ directive: 'script-src-elem', blocked: 'extension' })).toBe('off');
  });

  it('says a domain as it is and everything else in words', () => {
    expect(blockedWord('evil.example')).toBe('evil.example');
    expect(blockedWord('inline')).not.toBe('inline');
    expect(blockedWord('blob')).toContain('blob:');
  });

  it('knows which surfaces may be asked for', () => {
    expect(surfaceOf('tenant')).toBe('tenant');
    expect(surfaceOf(undefined)).toBe('all');
    expect(surfaceOf('elsewhere')).toBe('all');
  });
});
