import { fileURLToPath } from 'node:url';

import { defineProject } from 'vitest/config';

/** Tests run on the packages' sources: the export condition replaces a build. */
export function project(name: string) {
  return defineProject({
    ssr: { resolve: { conditions: ['@maestro/source', 'module', 'node', 'development|production'] } },
    test: {
      name,
      globalSetup: [fileURLToPath(new URL('tools/services/src/vitest-setup.ts', import.meta.url))],
      include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
      testTimeout: 20_000,
      hookTimeout: 20_000,
      execArgv: ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'],
    },
  });
}
