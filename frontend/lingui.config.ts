import { defineConfig } from '@lingui/cli';

/**
 * English is written in the source and ships with it; a catalogue is extracted per translated locale.
 * `npm run messages` refreshes them.
 */
export default defineConfig({
  sourceLocale: 'en',
  locales: ['en'],
  catalogs: [{ path: '<rootDir>/src/i18n/locales/{locale}', include: ['src'], exclude: ['**/*.test.*'] }],
});
