import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { messageOf } from '@maestro/core';

import { badFiles } from '../errors.ts';
import { checksumOfModule } from '../files/checksum.ts';
import { hooksFiles } from '../files/file-names.ts';
import { hookNames, type MigrationHooks } from './migration-hooks.ts';

/** The module beside the migrations that exports their hooks; JSON-safe. */
export interface HooksFile {
  readonly path: string;
  /** Over what it does, as of a migration. */
  readonly checksum: string;
}

/** Looks for it, without running it; throws `MIGRATIONS_BAD_FILES` for one that cannot be read. */
export async function findHooksFile(folder: string): Promise<HooksFile | undefined> {
  for (const file of hooksFiles) {
    const path = join(folder, file);
    const source = await textOf(folder, path);
    if (source !== undefined) return { path, checksum: checksumOf(folder, file, source) };
  }
  return undefined;
}

/** Loads it; throws `MIGRATIONS_BAD_FILES` where it does not load, or exports what is no hook. */
export async function loadHooksFile(folder: string, { path, checksum }: HooksFile): Promise<MigrationHooks> {
  const url = pathToFileURL(path);
  // Node keeps modules by URL: a file that was edited since is another module.
  url.searchParams.set('checksum', checksum);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(url.href)) as typeof exported;
  } catch (error) {
    throw badFiles(folder, [`${path} cannot be loaded: ${messageOf(error)}`]);
  }
  const problems = Object.entries(exported).flatMap(([name, value]) => {
    const isHook = hookNames.some((known) => known === name) && typeof value === 'function';
    return isHook ? [] : [`${path} exports '${name}', expected functions named ${hookNames.join(', ')} and no others`];
  });
  if (problems.length > 0) throw badFiles(folder, problems);
  return exported;
}

async function textOf(folder: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw badFiles(folder, [`${path}: ${messageOf(error)}`]);
  }
}

function checksumOf(folder: string, file: string, source: string): string {
  try {
    return checksumOfModule(file, source);
  } catch (error) {
    throw badFiles(folder, [`${file}: ${messageOf(error)}`]);
  }
}
