import bricolage from '@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2?url';
import bricolageExt from '@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-ext-wght-normal.woff2?url';
import figtree from '@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2?url';
import figtreeExt from '@fontsource-variable/figtree/files/figtree-latin-ext-wght-normal.woff2?url';
import fraunces from '@fontsource-variable/fraunces/files/fraunces-latin-wght-normal.woff2?url';
import frauncesExt from '@fontsource-variable/fraunces/files/fraunces-latin-ext-wght-normal.woff2?url';
import lora from '@fontsource-variable/lora/files/lora-latin-wght-normal.woff2?url';
import loraExt from '@fontsource-variable/lora/files/lora-latin-ext-wght-normal.woff2?url';
import manrope from '@fontsource-variable/manrope/files/manrope-latin-wght-normal.woff2?url';
import manropeExt from '@fontsource-variable/manrope/files/manrope-latin-ext-wght-normal.woff2?url';
import newsreader from '@fontsource-variable/newsreader/files/newsreader-latin-wght-normal.woff2?url';
import newsreaderExt from '@fontsource-variable/newsreader/files/newsreader-latin-ext-wght-normal.woff2?url';
import grotesk from '@fontsource-variable/space-grotesk/files/space-grotesk-latin-wght-normal.woff2?url';
import groteskExt from '@fontsource-variable/space-grotesk/files/space-grotesk-latin-ext-wght-normal.woff2?url';

interface Face {
  family: string;
  /** What a heading's `font-family` is; the body's own face for Onest. */
  stack: string;
  latin: string;
  latinExt: string;
}

const SANS = 'var(--font-ui)';
const SERIF = 'Georgia, serif';

const face = (name: string, fallback: string, latin: string, latinExt: string): Face => ({
  family: `${name} Variable`,
  stack: `'${name} Variable', ${fallback}`,
  latin,
  latinExt,
});

/**
 * The files of every face that may be chosen, all of them only here: a page of the organization is told of its own face
 * by the server, which finds the built files by these imports.
 */
const FACES: Record<string, Face> = {
  'bricolage-grotesque': face('Bricolage Grotesque', SANS, bricolage, bricolageExt),
  figtree: face('Figtree', SANS, figtree, figtreeExt),
  fraunces: face('Fraunces', SERIF, fraunces, frauncesExt),
  lora: face('Lora', SERIF, lora, loraExt),
  manrope: face('Manrope', SANS, manrope, manropeExt),
  newsreader: face('Newsreader', SERIF, newsreader, newsreaderExt),
  'space-grotesk': face('Space Grotesk', SANS, grotesk, groteskExt),
};

const EXTENDED = 'U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2C60-2C7F,U+A720-A7FF';
const known = new WeakSet<FontFaceSet>();

/** Tells a document of every face. A file is fetched when something is set in it. */
export function teachFaces(page: Document): void {
  const view = page.defaultView;
  if (!view || known.has(page.fonts)) return;
  known.add(page.fonts);
  const Constructor = (view as unknown as { FontFace: typeof FontFace }).FontFace;
  for (const { family, latin, latinExt } of Object.values(FACES)) {
    const common = { weight: '100 900', display: 'swap' } as const;
    page.fonts.add(new Constructor(family, `url('${latin}')`, common));
    page.fonts.add(new Constructor(family, `url('${latinExt}')`, { ...common, unicodeRange: EXTENDED }));
  }
}

export const stackOf = (key: string): string => FACES[key]?.stack ?? SANS;
