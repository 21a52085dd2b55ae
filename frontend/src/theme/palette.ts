/**
 * Solves an organization's colour for contrast: one hex in, every role out, for light and dark, against the worst
 * ground a role can lie on. The server solves and stores what pages are painted with; this port only drives the live
 * preview in the studio and must agree with it to the digit (the tests hold the vectors).
 */

const linear = (channel: number) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
const gamma = (channel: number) => (channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055);

type Triple = [number, number, number];
type Oklch = Triple;

function channels(hex: string): Triple {
  return [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255)) as Triple;
}

function luminance(hex: string): number {
  const [r, g, b] = channels(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2 contrast of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Lightness 0 to 1, chroma, hue in radians. */
export function toOklch(hex: string): Oklch {
  const [r, g, b] = channels(hex);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bee = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [lightness, Math.hypot(a, bee), Math.atan2(bee, a)];
}

function toLinear([lightness, chroma, hue]: Oklch): Triple {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** The nearest displayable colour: chroma is reduced until it fits the screen's gamut. */
export function fromOklch(lightness: number, chroma: number, hue: number): string {
  const fits = (c: number) => toLinear([lightness, c, hue]).every((value) => value >= -1e-4 && value <= 1 + 1e-4);
  let kept = chroma;
  if (!fits(chroma)) {
    let low = 0;
    let high = chroma;
    for (let step = 0; step < 18; step++) {
      const middle = (low + high) / 2;
      if (fits(middle)) low = middle;
      else high = middle;
    }
    kept = low;
  }
  return `#${toLinear([lightness, kept, hue])
    .map((value) => Math.round(Math.min(1, Math.max(0, gamma(Math.max(0, value)))) * 255))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

const RADIANS = Math.PI / 180;
const atDegrees = (lightness: number, chroma: number, degrees: number) => fromOklch(lightness, chroma, degrees * RADIANS);

/** Moves the lightness from `start` in `direction` until `minimum` holds against every ground. */
function solve(chroma: number, hue: number, start: number, grounds: readonly string[], minimum: number, direction: 1 | -1): string {
  for (let lightness = start; lightness >= 0 && lightness <= 1; lightness += direction * 0.004) {
    const colour = fromOklch(lightness, chroma, hue);
    if (grounds.every((ground) => contrast(colour, ground) >= minimum)) return colour;
  }
  return direction < 0 ? '#000000' : '#ffffff';
}

export type Mode = 'light' | 'dark';

const NEUTRALS = ['canvas', 'surface', 'raised', 'sunken', 'hover', 'line', 'line-2', 'control', 'text-3', 'text-2', 'text'] as const;
const ROLES = ['text', 'solid', 'solid-hover', 'on', 'edge', 'soft', 'soft-text', 'focus'] as const;

export type Neutrals = Record<(typeof NEUTRALS)[number], string>;
export type Roles = Record<(typeof ROLES)[number], string>;

/** Greys that lean towards the brand's hue (degrees). */
export function neutrals(degrees: number, mode: Mode): Neutrals {
  const at = (lightness: number, chroma: number) => atDegrees(lightness, chroma, degrees);
  const hue = degrees * RADIANS;
  if (mode === 'dark') {
    const hover = at(0.262, 0.009);
    return {
      canvas: at(0.168, 0.006),
      surface: at(0.203, 0.007),
      raised: at(0.238, 0.008),
      sunken: at(0.145, 0.006),
      hover,
      line: at(0.283, 0.009),
      'line-2': at(0.35, 0.01),
      control: solve(0.012, hue, 0.45, [hover], 3.02, 1),
      'text-3': solve(0.012, hue, 0.6, [hover], 4.52, 1),
      'text-2': at(0.785, 0.01),
      text: at(0.962, 0.004),
    };
  }
  const hover = at(0.953, 0.006);
  return {
    canvas: at(0.987, 0.003),
    surface: '#ffffff',
    raised: '#ffffff',
    sunken: at(0.965, 0.005),
    hover,
    line: at(0.914, 0.007),
    'line-2': at(0.86, 0.009),
    control: solve(0.014, hue, 0.72, [hover], 3.02, -1),
    'text-3': solve(0.014, hue, 0.6, [hover], 4.52, -1),
    'text-2': at(0.425, 0.014),
    text: at(0.215, 0.014),
  };
}

/** The eight brand roles over given greys. */
export function roles(brand: string, greys: Neutrals, mode: Mode): Roles {
  const dark = mode === 'dark';
  const [lightness, chroma, hue] = toOklch(brand);
  const grounds = [greys.canvas, greys.surface, greys.raised, greys.sunken, greys.hover];
  const away = dark ? 1 : -1;
  const white = '#ffffff';
  const black = fromOklch(0.19, 0.02, hue);
  const label = (ground: string) => (contrast(white, ground) >= contrast(black, ground) ? white : black);

  // The brand keeps its own lightness where a label can be read on it; a deep one would sink into a dark page.
  let solid = dark && lightness < 0.5 ? fromOklch(0.74, Math.min(chroma * 1.2, 0.17), hue) : brand.toLowerCase();
  let on = label(solid);
  if (contrast(on, solid) < 4.5) {
    solid = solve(chroma, hue, toOklch(solid)[0], [on], 4.52, on === white ? -1 : 1);
    on = label(solid);
  }
  const [solidLightness, solidChroma, solidHue] = toOklch(solid);
  const hovered = Math.min(0.98, Math.max(0.05, solidLightness + (on === white ? -0.045 : 0.04)));
  const soft = dark
    ? fromOklch(0.29, Math.min(chroma * 0.38, 0.055), hue)
    : fromOklch(0.95, Math.min(chroma * 0.28, 0.045), hue);
  return {
    text: dark
      ? solve(Math.min(chroma * 1.1, 0.17), hue, Math.max(lightness, 0.62), grounds, 6, away)
      : solve(chroma, hue, lightness, grounds, 4.6, away),
    solid,
    'solid-hover': fromOklch(hovered, solidChroma, solidHue),
    on,
    edge: grounds.every((ground) => contrast(solid, ground) >= 3)
      ? solid
      : solve(chroma, hue, solidLightness, grounds, 3.02, away),
    soft,
    'soft-text': solve(chroma, hue, lightness, [soft], dark ? 6 : 4.7, away),
    focus: solve(chroma, hue, lightness, grounds, dark ? 4.5 : 3.02, away),
  };
}

/** Every variable of one mode, by the names the stylesheet knows, ready for `style.setProperty`. */
export function themeVariables(brand: string, mode: Mode): Record<string, string> {
  const degrees = ((toOklch(brand)[2] / RADIANS) % 360) + (toOklch(brand)[2] < 0 ? 360 : 0);
  const greys = neutrals(degrees, mode);
  const solved = roles(brand, greys, mode);
  const variables: Record<string, string> = {
    '--track': mode === 'dark' ? atDegrees(0.35, 0.01, degrees) : atDegrees(0.885, 0.009, degrees),
    '--control-solid': solved.solid,
    '--control-on': solved.on,
    '--control-edge': solved.edge,
    '--link': solved.text,
    '--progress': solved.solid,
    '--progress-edge': solved.edge,
  };
  for (const name of NEUTRALS) variables[`--${name}`] = greys[name];
  for (const name of ROLES) variables[`--brand-${name}`] = solved[name];
  return variables;
}
