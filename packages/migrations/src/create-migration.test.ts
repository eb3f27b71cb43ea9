import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { expect, it } from 'vitest';

import { createMigration } from './create-migration.ts';
import { loadFolder } from './files/load-folder.ts';

const newFolder = async () => join(await mkdtemp(join(tmpdir(), 'maestro-create-')), 'migrations');

it('numbers the files from 1 on and names them in snake case', async () => {
  const folder = await newFolder();
  expect(await createMigration({ folder, name: 'Add users-table!', kind: 'sql' })).toEqual([
    join(folder, '0001_add_users_table.up.sql'),
    join(folder, '0001_add_users_table.down.sql'),
  ]);
  expect(await createMigration({ folder, name: 'backfill', kind: 'typescript' })).toEqual([
    join(folder, '0002_backfill.ts'),
  ]);
  expect((await readdir(folder)).sort()).toEqual([
    '0001_add_users_table.down.sql',
    '0001_add_users_table.up.sql',
    '0002_backfill.ts',
  ]);
});

it('goes on after the highest number, gaps or not', async () => {
  const folder = await newFolder();
  await createMigration({ folder, name: 'first', kind: 'sql' });
  await writeFile(join(folder, '12345_far.up.sql'), 'SELECT 1;');
  const [path = ''] = await createMigration({ folder, name: 'next', kind: 'typescript' });
  expect(basename(path)).toBe('12346_next.ts');
});

it('gives every one of many racing callers a number of its own', async () => {
  const folder = await newFolder();
  const created = await Promise.all(
    Array.from({ length: 12 }, (_, index) => createMigration({ folder, name: `change ${index}`, kind: 'typescript' })),
  );
  const numbers = created.flat().map((path) => basename(path).slice(0, 4));
  expect(new Set(numbers).size).toBe(12);
  expect(await readdir(folder)).toHaveLength(12);
  expect(await loadFolder(folder, 'sqlite')).toHaveLength(12);
});

it('passes over a number whose reservation was left behind', async () => {
  const folder = await newFolder();
  await createMigration({ folder, name: 'first', kind: 'typescript' });
  await writeFile(join(folder, '.0002.reserved'), '');
  const [path = ''] = await createMigration({ folder, name: 'second', kind: 'typescript' });
  expect(basename(path)).toBe('0003_second.ts');
});

it('writes SQL files that are refused until somebody fills them in', async () => {
  const folder = await newFolder();
  const [up = ''] = await createMigration({ folder, name: 'first', kind: 'sql' });
  await expect(loadFolder(folder, 'sqlite')).rejects.toThrow('0001_first.up.sql: there is no statement in it');
  await writeFile(up, 'CREATE TABLE t (a);');
  expect(await loadFolder(folder, 'sqlite')).toHaveLength(1);
});

it('imports nothing but types into a TypeScript migration, which may live outside of any package', async () => {
  const [path = ''] = await createMigration({ folder: await newFolder(), name: 'first', kind: 'typescript' });
  const imports = (await readFile(path, 'utf8')).split('\n').filter((line) => line.startsWith('import'));
  expect(imports).toEqual(["import type { MigrationContext } from '@maestro/migrations';"]);
});

it("writes what the project's own templates say, where there are some", async () => {
  const folder = await newFolder();
  const templates = join(folder, 'templates');
  await mkdir(templates, { recursive: true });
  await writeFile(join(templates, 'up.sql'), '-- lock-timeout: 500ms\n-- {name}, see {name}\nSELECT 1;\n');
  const [up = '', down = ''] = await createMigration({ folder, name: 'add total', kind: 'sql' });
  expect(await readFile(up, 'utf8')).toBe('-- lock-timeout: 500ms\n-- 0001_add_total, see 0001_add_total\nSELECT 1;\n');
  expect(await readFile(down, 'utf8')).toMatch(/^-- 0001_add_total: the statements that undo it/);
  await writeFile(join(templates, 'migration.ts'), 'export function up() {}\n');
  const [module = ''] = await createMigration({ folder, name: 'fill', kind: 'typescript' });
  expect(await readFile(module, 'utf8')).toBe('export function up() {}\n');
  expect((await loadFolder(folder, 'sqlite')).map(({ name }) => name)).toEqual(['0001_add_total', '0002_fill']);
});

it.each(['', '-- !', 'ÄÖ'])('refuses the name %j', async (name) => {
  await expect(createMigration({ folder: await newFolder(), name, kind: 'sql' })).rejects.toMatchObject({
    code: 'MIGRATIONS_BAD_NAME',
  });
});
