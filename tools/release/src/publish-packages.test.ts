import { describe, expect, it } from 'vitest';

import { inDependencyOrder } from './publish-packages.ts';

describe('inDependencyOrder', () => {
  it('puts each package after what it depends on', () => {
    const named = (name: string, ...dependencies: string[]) => ({
      manifest: {
        name,
        version: '1.0.0',
        dependencies: Object.fromEntries(dependencies.map((each) => [each, '^1.0.0'])),
      },
    });
    const packages = [named('cli', 'orchestrator', 'core'), named('core'), named('orchestrator', 'core', 'zod')];
    expect(inDependencyOrder(packages).map(({ manifest }) => manifest.name)).toEqual(['core', 'orchestrator', 'cli']);
  });
});
