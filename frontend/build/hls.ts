import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/**
 * hls.js compiled from the source its package ships, with the features our media uses and no others. The published
 * builds are either everything (189 kB gzip) or `light`, which has no alternate audio: our ladder keeps the sound in
 * a rendition of its own, so it would be mute.
 *
 * `import Hls, { Events, ErrorTypes } from 'hls.js/source'`
 */
const FEATURES: Record<string, boolean> = {
  __USE_ALT_AUDIO__: true,
  __USE_SUBTITLES__: false,
  __USE_EME_DRM__: false,
  __USE_CMCD__: false,
  __USE_CONTENT_STEERING__: false,
  __USE_VARIABLE_SUBSTITUTION__: false,
  __USE_M2TS_ADVANCED_CODECS__: false,
  __USE_MEDIA_CAPABILITIES__: true,
  __USE_INTERSTITIALS__: false,
  __USE_IFRAMES__: false,
};

/** Modules of switched-off features; nothing calls them, but their classes would still be carried along. */
const LEFT_OUT =
  /\/(controller\/(eme|cmcd|content-steering|interstitials|subtitle-track|subtitle-stream|timeline|iframe|interstitial-player)-?(controller)?|utils\/(cea-608-parser|imsc1-ttml-parser|webvtt-parser|vttparser|cues))$/;

const ENTRY = '\0hls.js/source';
const EMPTY = '\0hls.js/empty';

export function hlsFromSource(): Plugin {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('hls.js/package.json'));
  const { version } = require('hls.js/package.json') as { version: string };
  const source = join(root, 'src');
  return {
    name: 'hls-from-source',
    config: () => ({
      define: {
        ...Object.fromEntries(Object.entries(FEATURES).map(([name, on]) => [name, JSON.stringify(on)])),
        __VERSION__: JSON.stringify(version),
        __IN_WORKER__: 'false',
        __HLS_WORKER_BUNDLE__: 'undefined',
      },
      optimizeDeps: { exclude: ['hls.js'] },
    }),
    resolveId: {
      order: 'pre',
      async handler(id, importer, options) {
        if (id === 'hls.js/source') return { id: ENTRY, moduleSideEffects: false };
        if (!importer?.startsWith(source)) return null;
        if (id.startsWith('.') && LEFT_OUT.test(id)) return { id: `${EMPTY}/${id}`, moduleSideEffects: false };
        const resolved = await this.resolve(id, importer, { ...options, skipSelf: true });
        // Nothing in there acts on import: what is not used may go.
        return resolved && { ...resolved, moduleSideEffects: false };
      },
    },
    load(id) {
      if (id === ENTRY) {
        return [
          `export { default } from ${JSON.stringify(join(source, 'hls.ts'))};`,
          `export { Events } from ${JSON.stringify(join(source, 'events.ts'))};`,
          `export { ErrorTypes } from ${JSON.stringify(join(source, 'errors.ts'))};`,
        ].join('\n');
      }
      if (id.startsWith(EMPTY)) return { code: 'module.exports = {};', moduleType: 'js' };
      return null;
    },
  };
}
