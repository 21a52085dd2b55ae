import { describe, expect, it } from 'vitest';
import { loginFor, safeNext } from './next';

describe('safeNext', () => {
  it.each([
    ['/studio/courses/1?tab=draft#outline', '/studio/courses/1?tab=draft#outline'],
    ['/learn?t=83', '/learn?t=83'],
    [undefined, '/'],
    ['', '/'],
    ['https://evil.example/', '/'],
    ['//evil.example/x', '/'],
    ['/\\evil.example', '/'],
    ['/\tjavascript:alert(1)', '/'],
    ['javascript:alert(1)', '/'],
    ['/login?next=/x', '/'],
    ['/password/forgot', '/'],
  ])('%s', (next, expected) => expect(safeNext(next)).toBe(expected));
});

describe('loginFor', () => {
  it('keeps the deep link', () => expect(loginFor('/c/1?t=83#x')).toBe('/login?next=%2Fc%2F1%3Ft%3D83%23x'));
  it('needs none for the front page', () => expect(loginFor('/')).toBe('/login'));
});
