import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { RegistryError } from '../errors.ts';

const extensions = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'];

/** The first `maestro.config.*` in `cwd` or, from there, upwards. */
export async function findConfig(cwd: string): Promise<string> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const file of extensions.map((extension) => join(folder, `maestro.config.${extension}`))) {
      if (await isFile(file)) return file;
    }
    if (folder === dirname(folder)) break;
  }
  const expected = `maestro.config.{${extensions.join(',')}}`;
  throw new RegistryError('REGISTRY_NOT_FOUND', `no ${expected} in ${resolve(cwd)} or a folder above it`, {
    hint: 'write a maestro.config.ts beside the services, or name one: maestro --config <file>',
    details: { cwd: resolve(cwd) },
  });
}

/** The absolute path of the file somebody named, which must exist. */
export async function namedConfig(config: string, cwd: string): Promise<string> {
  const file = resolve(cwd, config);
  if (await isFile(file)) return file;
  throw new RegistryError('REGISTRY_NOT_FOUND', `there is no file ${file}`, {
    hint: 'correct the path, or leave it out to search upwards from the current folder',
    details: { file },
  });
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
