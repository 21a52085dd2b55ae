import { fileURLToPath } from 'node:url';
import babel, { defineRolldownBabelPreset } from '@rolldown/plugin-babel';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { hlsFromSource } from './build/hls.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Only files that use a Lingui macro go through Babel; the default (English) messages stay in the code. */
const lingui = defineRolldownBabelPreset({
  preset: () => ({ plugins: [['@lingui/babel-plugin-lingui-macro', { stripMessageField: false }]] }),
  rolldown: { filter: { code: /@lingui\/(core|react)\/macro/ } },
});

/**
 * One build, four entries that share their chunks. Django reads `dist/.vite/manifest.json` and renders each
 * surface's shell itself (host, theme variables and boot data are in it), so the emitted HTML is for development only.
 * `scheme-boot` is a separate blocking script: it applies the saved light/dark choice before the first paint without
 * any inline code, which the content security policy would refuse.
 */
export default defineConfig({
  base: '/',
  plugins: [
    react(),
    babel({ presets: [lingui] }),
    tailwindcss(),
    hlsFromSource(),
  ],
  resolve: {
    alias: {
      '@': here('./src'),
      // The scroll lock under dialogs writes a <style> element; ours uses a constructed sheet (see the file).
      'react-style-singleton': here('./src/ui/style-singleton.ts'),
    },
  },
  build: {
    manifest: true,
    target: 'es2022',
    assetsDir: 'assets',
    // A data: URL would need its own exception in the policy; fonts and pictures are always files.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        site: here('./site.html'),
        learn: here('./learn.html'),
        studio: here('./studio.html'),
        staff: here('./staff.html'),
        'scheme-boot': here('./src/theme/scheme-boot.ts'),
      },
    },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['./src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    env: { TZ: 'UTC' }, // days are written as on any machine, wherever it stands
    testTimeout: 60_000, // patience, and no promise: files run side by side on whatever machine there is
  },
});
