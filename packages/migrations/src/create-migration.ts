import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { createFileDurably } from '@maestro/core';

import { badName } from './errors.ts';

export interface CreateMigrationOptions {
  /** Created when it does not exist. */
  readonly folder: string;
  /** In words; becomes snake_case. */
  readonly name: string;
  readonly kind: 'sql' | 'typescript';
}

/**
 * Writes the next migration's files to fill in and returns their paths. The project's own `up.sql`, `down.sql` and
 * `migration.ts` in the folder `templates` beside the migrations take the place of what would be written; `{name}` in
 * them becomes the migration's name. Throws `MIGRATIONS_BAD_NAME`.
 */
export async function createMigration({ folder, name, kind }: CreateMigrationOptions): Promise<string[]> {
  const snakeName = name
    .toLowerCase()
    .match(/[a-z0-9]+/g)
    ?.join('_');
  if (snakeName === undefined) throw badName(name);
  await mkdir(folder, { recursive: true });

  for (let number = (await highestNumber(folder)) + 1; ; number += 1) {
    const paths = await reserved(folder, number, () => write(folder, `${padded(number)}_${snakeName}`, kind));
    if (paths !== undefined) return paths;
  }
}

/**
 * Does the work as the only one who creates a migration with this number; undefined when the number is taken.
 * A reservation that a crash left behind costs a number, nothing more.
 */
async function reserved<T>(folder: string, number: number, work: () => Promise<T>): Promise<T | undefined> {
  const reservation = join(folder, `.${padded(number)}.reserved`);
  if (!(await createFileDurably(reservation, ''))) return undefined;
  try {
    // Whoever listed the folder before another one was done with this number gets here too.
    return (await highestNumber(folder)) < number ? await work() : undefined;
  } finally {
    await rm(reservation, { force: true });
  }
}

async function write(folder: string, stem: string, kind: CreateMigrationOptions['kind']): Promise<string[]> {
  const paths: string[] = [];
  for (const { ending, template, text } of newFiles[kind]) {
    const path = join(folder, `${stem}.${ending}`);
    const contents = (await ownTemplate(folder, template)) ?? text;
    await createFileDurably(path, contents.replaceAll('{name}', stem), { mode: 0o644 });
    paths.push(path);
  }
  return paths;
}

/** The project's, in a folder that nobody looks into for migrations. */
async function ownTemplate(folder: string, template: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, 'templates', template), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

interface NewFile {
  readonly ending: string;
  /** The file among the project's templates that replaces the text. */
  readonly template: string;
  readonly text: string;
}

// SQL without a statement is refused, so what was not filled in cannot pass for applied.
const moduleTemplate = `import type { MigrationContext } from '@maestro/migrations';

export const phase = 'expand';

export async function up({ db }: MigrationContext): Promise<void> {
  await db.execute('-- the statements that make the change');
}

/** Delete this when there is no way back. */
export async function down({ db }: MigrationContext): Promise<void> {
  await db.execute('-- the statements that undo it');
}
`;

const newFiles: Readonly<Record<CreateMigrationOptions['kind'], readonly NewFile[]>> = {
  // The up first: without its down it is a complete migration, the other way round it is none.
  sql: [
    {
      ending: 'up.sql',
      template: 'up.sql',
      text: '-- phase: expand\n-- {name}: the statements that make the change.\n',
    },
    {
      ending: 'down.sql',
      template: 'down.sql',
      text: '-- {name}: the statements that undo it; delete this file when there is no way back.\n',
    },
  ],
  typescript: [{ ending: 'ts', template: 'migration.ts', text: moduleTemplate }],
};

async function highestNumber(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).map((file) => Number(/^\d+(?=_)/.exec(file)?.[0] ?? 0));
  return Math.max(0, ...numbers);
}

function padded(number: number): string {
  return String(number).padStart(4, '0');
}
