import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf } from '@maestro/core';

import { badFiles } from '../errors.ts';
import { parseScript, type SqlScript, type SqlStatement } from '../sql/statements.ts';
import { checksumOfModule, checksumOfScript } from './checksum.ts';
import { type NamedMigration, readFileNames } from './file-names.ts';

/** A script as it is run. */
export interface ScriptFile {
  readonly path: string;
  readonly statements: readonly SqlStatement[];
}

interface MigrationBase {
  /** The file's name without what comes after the first dot: the migration's identity. */
  readonly name: string;
  readonly number: number;
  readonly checksum: string;
}

export type Migration =
  | (MigrationBase & { readonly kind: 'sql'; readonly up: ScriptFile; readonly down: ScriptFile | undefined })
  | (MigrationBase & { readonly kind: 'module'; readonly path: string });

/** Reads a service's migrations, by number; throws `MIGRATIONS_BAD_FILES` with everything that is wrong with them. */
export async function loadFolder(folder: string): Promise<readonly Migration[]> {
  const { migrations: named, problems: badNames } = readFileNames(await list(folder));
  const loaded = await Promise.all(
    named.map((migration) =>
      migration.kind === 'sql' ? loadScripts(folder, migration) : loadModuleText(folder, migration),
    ),
  );
  const problems = [...badNames, ...loaded.flatMap((one) => (Array.isArray(one) ? one : []))];
  if (problems.length > 0) throw badFiles(folder, problems);
  return loaded.flatMap((one) => (Array.isArray(one) ? [] : one));
}

async function list(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw badFiles(folder, [`the folder cannot be read: ${messageOf(error)}`]);
  }
}

async function loadScripts(
  folder: string,
  { name, number, up, down }: Extract<NamedMigration, { kind: 'sql' }>,
): Promise<Migration | string[]> {
  const upScript = await readScript(join(folder, up));
  const downScript = down === undefined ? undefined : await readScript(join(folder, down));
  const problems = [
    ...upScript.problems.map((problem) => `${up}: ${problem}`),
    ...(upScript.statements.length === 0 ? [`${up}: there is no statement in it`] : []),
    ...(downScript?.problems ?? []).map((problem) => `${down ?? ''}: ${problem}`),
  ];
  if (problems.length > 0) return problems;
  return {
    kind: 'sql',
    name,
    number,
    // The down is left out: correcting the way back does not change what was applied.
    checksum: checksumOfScript(upScript),
    up: { path: join(folder, up), statements: upScript.statements },
    down: down === undefined ? undefined : { path: join(folder, down), statements: downScript?.statements ?? [] },
  };
}

/** With line feeds only, so that a checkout on another system stores and hashes the same. */
async function readScript(path: string): Promise<SqlScript> {
  const text = await readFile(path, 'utf8');
  return parseScript(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'));
}

async function loadModuleText(
  folder: string,
  { name, number, file }: Extract<NamedMigration, { kind: 'module' }>,
): Promise<Migration | string[]> {
  const path = join(folder, file);
  try {
    return { kind: 'module', name, number, checksum: checksumOfModule(file, await readFile(path, 'utf8')), path };
  } catch (error) {
    return [`${file}: ${messageOf(error)}`];
  }
}
