import { expect, it } from 'vitest';

import { npmVersion } from './npm-version.ts';

it('is the exact version, also of a package that does not export its package.json', async () => {
  expect(await npmVersion('httpxy')).toMatch(/^\d+\.\d+\.\d+$/);
});

it('is refused for a package that is not installed', async () => {
  await expect(npmVersion('there-is-no-such-package')).rejects.toThrow('there-is-no-such-package');
});
