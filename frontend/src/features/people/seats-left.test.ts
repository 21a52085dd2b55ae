import { describe, expect, it } from 'vitest';
import { lacking } from './seats-left';

describe('seats that would be missing', () => {
  it('counts everybody who is invited, not only whom one invites now', () => {
    expect(lacking({ free: 5, invited: 3 }, 2)).toBe(0);
    expect(lacking({ free: 5, invited: 3 }, 4)).toBe(2);
    expect(lacking({ free: 0, invited: 0 }, 1)).toBe(1);
  });

  it('are none where there is no end to them', () => {
    expect(lacking({ free: null, invited: 900 }, 200)).toBe(0);
  });
});
