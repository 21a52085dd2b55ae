import * as z from 'zod/mini';

// Zod would otherwise probe for `eval`, which our content security policy refuses and reports.
z.config({ jitless: true });

export { z };
