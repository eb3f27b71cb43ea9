import { describe, expect, it } from 'vitest';

import { isAllowed, type Lock, productionPaths } from './licences.ts';

describe('isAllowed', () => {
  it.each(['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC', '(BSD-2-Clause OR MIT)'])('takes %s', (expression) => {
    expect(isAllowed(expression)).toBe(true);
  });

  it.each(['GPL-3.0', 'MIT AND GPL-3.0', 'UNLICENSED', 'SEE LICENSE IN LICENSE.md', ''])('refuses %s', (expression) => {
    expect(isAllowed(expression)).toBe(false);
  });
});

describe('productionPaths', () => {
  const lock: Lock = {
    'packages/core': { dependencies: { a: '^1.0.0' } },
    'packages/cli': { dependencies: { '@maestro/core': '^0.1.0', b: '^2.0.0' }, optionalDependencies: { other: '*' } },
    'packages/cli/node_modules/b': { dependencies: { a: '^2.0.0' } },
    'packages/cli/node_modules/b/node_modules/a': { version: '2.0.0' },
    'node_modules/@maestro/core': { link: true, resolved: 'packages/core' },
    'node_modules/a': { version: '1.0.0', dependencies: { c: '*' } },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': { version: '1.0.0', dependencies: { a: '*' } },
    'node_modules/tool': { version: '1.0.0' },
  };

  it('are what Node would find, through other packages of the tree, once each', () => {
    expect(productionPaths(lock, 'packages/cli')).toEqual([
      'node_modules/a',
      'node_modules/c',
      'packages/cli/node_modules/b',
      'packages/cli/node_modules/b/node_modules/a',
    ]);
  });

  it('are not those of other packages', () => {
    expect(productionPaths(lock, 'packages/core')).toEqual(['node_modules/a', 'node_modules/c']);
  });
});
