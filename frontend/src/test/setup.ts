import '@testing-library/jest-dom/vitest';
import '@/i18n';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Patience, and no promise: on a busy machine what is looked for may take its time to appear.
configure({ asyncUtilTimeout: 15_000 });

afterEach(() => cleanup());
