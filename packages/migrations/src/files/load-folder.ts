import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf } from '@maestro/core';

import { badFiles } from '../errors.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { noStepsInSqlite, transactionProblems } from '../sql/outside-transaction.ts';
import { parseScript, type SqlScript, type SqlStatement } from '../sql/statements.ts';
import { checksumOfModule, checksumOfScript } from './checksum.ts';
import { type Directives, readModuleDirectives, readSqlDirectives } from './directives.ts';
import { type NamedMigration, readFileNames } from './file-names.ts';

/** A script as it is run. */
export interface ScriptFile {
  readonly path: string;
  readonly statements: readonly SqlStatement[];
  readonly directives: Directives;
}

interface MigrationBase {
  /** The file's name without what comes after the first dot: the migration's identity. */
  readonly name: string;
  readonly number: number;
  readonly checksum: string;
  /** Of its way up. */
  readonly directives: Directives;
}

export type Migration =
  | (MigrationBase & { readonly kind: 'sql'; readonly up: ScriptFile; readonly down: ScriptFile | undefined })
  | (MigrationBase & { readonly kind: 'module'; readonly path: string });

/** Reads a service's migrations, by number; throws `MIGRATIONS_BAD_FILES` with everything that is wrong with them. */
export async function loadFolder(folder: string, dialect: SqlDialect): Promise<readonly Migration[]> {
  const { migrations: named, problems: badNames } = readFileNames(await list(folder));
  const loaded = await Promise.all(
    named.map((migration) =>
      migration.kind === 'sql' ? loadScripts(folder, migration, dialect) : loadModuleText(folder, migration, dialect),
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
  dialect: SqlDialect,
): Promise<Migration | string[]> {
  const upScript = await readScript(join(folder, up), dialect);
  const downScript = down === undefined ? undefined : await readScript(join(folder, down), dialect);
  const problems = [
    ...upScript.problems.map((problem) => `${up}: ${problem}`),
    ...(upScript.statements.length === 0 ? [`${up}: there is no statement in it`] : []),
    ...(downScript?.problems ?? []).map((problem) => `${down ?? ''}: ${problem}`),
    ...(down === undefined || upScript.directives.irreversible === undefined
      ? []
      : [`${up}: it is irreversible, but there is a ${down}`]),
    ...(downScript === undefined
      ? []
      : upOnly(downScript.directives).map((name) => `${down ?? ''}: '${name}' belongs into ${up}`)),
  ];
  if (problems.length > 0) return problems;
  const { directives } = upScript;
  return {
    kind: 'sql',
    name,
    number,
    // The down is left out: correcting the way back does not change what was applied. So are the directives, for they
    // say how to run it: a longer lock timeout for the next database changes nothing for those that have it.
    checksum: checksumOfScript(upScript),
    directives,
    up: { path: join(folder, up), statements: upScript.statements, directives },
    down: downScript && {
      path: join(folder, down ?? ''),
      statements: downScript.statements,
      directives: downScript.directives,
    },
  };
}

/** What says something about the migration as a whole. */
function upOnly({ phase, irreversible }: Directives): string[] {
  return [...(phase === 'contract' ? ['phase'] : []), ...(irreversible === undefined ? [] : ['irreversible'])];
}

/** With line feeds only, so that a checkout on another system stores and hashes the same. */
async function readScript(path: string, dialect: SqlDialect): Promise<SqlScript & { readonly directives: Directives }> {
  const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const script = parseScript(text, dialect);
  const { directives, problems } = readSqlDirectives(text, dialect);
  return {
    ...script,
    directives,
    problems: [
      ...problems.map(({ line, message }) => `line ${line}: ${message}`),
      ...script.problems,
      ...transactionProblems(script.statements, { transaction: directives.transaction, dialect }),
    ],
  };
}

async function loadModuleText(
  folder: string,
  { name, number, file }: Extract<NamedMigration, { kind: 'module' }>,
  dialect: SqlDialect,
): Promise<Migration | string[]> {
  const path = join(folder, file);
  try {
    const source = await readFile(path, 'utf8');
    const { directives, problems } = readModuleDirectives(source);
    if (problems.length > 0) return problems.map(({ line, message }) => `${file}: line ${line}: ${message}`);
    if (dialect === 'sqlite' && !directives.transaction) return [`${file}: ${noStepsInSqlite}`];
    return { kind: 'module', name, number, checksum: checksumOfModule(file, source), path, directives };
  } catch (error) {
    return [`${file}: ${messageOf(error)}`];
  }
}
