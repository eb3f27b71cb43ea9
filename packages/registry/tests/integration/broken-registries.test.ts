import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { loadRegistry } from '../../src/index.ts';
import { brokenRegistries } from './broken-registries.ts';
import { folderWith } from './temporary-folder.ts';

it.each(brokenRegistries.map((broken) => [broken.name, broken] as const))('says of %s', async (_, { files, says }) => {
  const folder = await folderWith(files);
  const [config = ''] = Object.keys(files);
  const error: unknown = await loadRegistry({ config: join(folder, config) }).catch((reason: unknown) => reason);
  if (!isMaestroError(error)) throw error instanceof Error ? error : new Error('the registry was loaded');
  expect(error.message.replaceAll(`${folder}/`, '')).toBe(says);
  expect(error.hint).toBeTypeOf('string');
  expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
});
