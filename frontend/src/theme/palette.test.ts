import { describe, expect, it } from 'vitest';
import { contrast, neutrals, roles, themeVariables, toOklch } from './palette';
import vectors from './palette.vectors.json';

const MODES = ['light', 'dark'] as const;
const degrees = (hex: string) => ((toOklch(hex)[2] * 180) / Math.PI + 360) % 360;

describe('palette', () => {
  for (const [brand, expected] of Object.entries(vectors)) {
    for (const mode of MODES) {
      it(`solves ${brand} in ${mode} as the reference does`, () => {
        const greys = neutrals(degrees(brand), mode);
        expect(greys).toEqual(expected[mode].neutrals);
        expect(roles(brand, greys, mode)).toEqual(expected[mode].roles);
      });
    }
  }

  it('keeps every role readable over 512 colours', () => {
    for (let r = 0; r < 256; r += 36)
      for (let g = 0; g < 256; g += 36)
        for (let b = 0; b < 256; b += 36) {
          const brand = `#${[r, g, b].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
          for (const mode of MODES) {
            const greys = neutrals(degrees(brand), mode);
            const solved = roles(brand, greys, mode);
            for (const ground of [greys.canvas, greys.surface, greys.raised, greys.sunken, greys.hover]) {
              expect(contrast(solved.text, ground)).toBeGreaterThanOrEqual(4.5);
              expect(contrast(solved.edge, ground)).toBeGreaterThanOrEqual(3);
              expect(contrast(solved.focus, ground)).toBeGreaterThanOrEqual(3);
            }
            expect(contrast(solved.on, solved.solid)).toBeGreaterThanOrEqual(4.5);
            expect(contrast(solved['soft-text'], solved.soft)).toBeGreaterThanOrEqual(4.5);
          }
        }
  });

  it('names every variable the stylesheet reads', () => {
    const variables = themeVariables('#0B5D3B', 'light');
    expect(variables['--brand-solid']).toBe('#0b5d3b');
    expect(variables['--canvas']).toBe('#f9fbfa');
    expect(Object.keys(variables)).toHaveLength(26);
  });
});
