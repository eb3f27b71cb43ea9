import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf } from '@maestro/core';

import { badFiles } from '../errors.ts';
import { readFileNames } from '../files/file-names.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import type { Finding } from './finding.ts';
import { KnownSchema } from './known-schema.ts';
import { type MigrationText, readMigration, type ReadMigration } from './read-migration.ts';
import { findingsIn, unindexedIn } from './report.ts';

export type LintMigrationsOptions = {
  readonly dialect: SqlDialect;
  /** Names of the migrations to look at, such as those that are pending; the others are only read for the tables they make. */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal;
} & ({ readonly folder: string } | { readonly files: readonly MigrationText[] });

/**
 * Finds what breaks the version that is still running, blocks it or fails, by the text of the migrations alone.
 * In the order of the files and their lines; of each migration only the way up. `files` are given in the order they run.
 * Throws `MIGRATIONS_BAD_FILES` when the folder cannot be read or a name in it cannot be used.
 */
export async function lintMigrations(options: LintMigrationsOptions): Promise<readonly Finding[]> {
  const { dialect, only, signal } = options;
  const schema = new KnownSchema();
  const read: ReadMigration[] = [];
  const findings: Finding[] = [];
  for (const file of 'folder' in options ? await textsIn(options.folder, signal) : options.files) {
    signal?.throwIfAborted();
    const migration = await readMigration(file, dialect);
    schema.startFile(file.file);
    findings.push(...findingsIn(migration, dialect, schema));
    read.push(migration);
  }
  findings.push(...unindexedIn(read, dialect, schema));
  const wanted = only === undefined ? undefined : new Set(only);
  const order = new Map(read.map(({ file }, index) => [file, index]));
  return findings
    .filter(({ file }) => wanted?.has(nameOf(file)) ?? true)
    .sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line || a.column - b.column);
}

async function textsIn(folder: string, signal: AbortSignal | undefined): Promise<MigrationText[]> {
  const { migrations, problems } = readFileNames(await list(folder));
  if (problems.length > 0) throw badFiles(folder, problems);
  const files = migrations.map((migration) => (migration.kind === 'sql' ? migration.up : migration.file));
  return await Promise.all(
    files.map(async (file) => ({
      file,
      text: await readFile(join(folder, file), { encoding: 'utf8', ...(signal && { signal }) }),
    })),
  );
}

async function list(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw badFiles(folder, [`the folder cannot be read: ${messageOf(error)}`]);
  }
}

/** A migration is called by its file's name up to the first dot. */
function nameOf(file: string): string {
  return /[^/\\]*$/.exec(file)?.[0].split('.')[0] ?? file;
}
