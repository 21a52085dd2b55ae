import { expect, it } from 'vitest';
import { matches } from './search';

it('finds every word anywhere, without case and accents', () => {
  expect(matches('SOLAR field', 'Solar Diagnostics', 'in the Field')).toBe(true);
  expect(matches('nguyen', 'Nguyễn Thị Mai')).toBe(true);
  expect(matches('solar sea', 'Solar Diagnostics', null)).toBe(false);
  expect(matches('  ', 'anything')).toBe(true);
});
