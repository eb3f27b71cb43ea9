import { fileURLToPath } from 'node:url';

import { defineProject } from 'vitest/config';

// As Node resolves them: what the condition "module" names is for bundlers, and Node cannot import all of it.
const conditions = ['@maestro/source', 'node', 'development|production'];

/** Tests run on the packages' sources: the export condition replaces a build. */
export function project(name: string) {
  return defineProject({
    ssr: { resolve: { conditions } },
    // Where Vitest imports the global setup; it goes by these of its own.
    environments: { __vitest__: { resolve: { conditions } } },
    test: {
      name,
      globalSetup: [fileURLToPath(new URL('tools/services/src/vitest-setup.ts', import.meta.url))],
      include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
      // Ends what hangs; a busy machine takes several times as long as a quiet one.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      execArgv: ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'],
    },
  });
}
