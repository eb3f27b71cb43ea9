import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const faults = fileURLToPath(new URL('benchmarks/src/faults/fault-reporter.ts', import.meta.url));

export default defineConfig({
  test: {
    // What tests of faults have counted, for docs/reliability.md.
    ...(process.env.MAESTRO_RESULTS !== undefined && { reporters: ['default', faults] }),
    projects: ['packages/*', 'tools/*', 'examples/*', 'benchmarks', 'dockerfiles'],
  },
});
