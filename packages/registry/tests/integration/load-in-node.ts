import { copyFile } from 'node:fs/promises';

import { reportError } from '@maestro/core';

import { loadRegistry } from '../../src/index.ts';

// Prints what each of several versions of one registry file loads as, in a process without a test runner's own loader.
const [config = '', ...versions] = process.argv.slice(2);
for (const version of versions) {
  await copyFile(version, config);
  process.stdout.write(`${JSON.stringify(await outcome())}\n`);
}

async function outcome(): Promise<unknown> {
  try {
    return await loadRegistry({ config });
  } catch (error) {
    return reportError(error);
  }
}
