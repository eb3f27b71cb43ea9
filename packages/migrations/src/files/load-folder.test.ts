import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { loadFolder } from './load-folder.ts';

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-files-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function checksumOf(files: Record<string, string>): Promise<string | undefined> {
  return (await loadFolder(await folderWith(files), 'sqlite'))[0]?.checksum;
}

it('gives a script the same checksum for other comments, layout, line endings and byte order mark', async () => {
  const plain = await checksumOf({ '0001_a.up.sql': "CREATE TABLE t (a TEXT);\nINSERT INTO t VALUES ('x\ny');" });
  const other = "\ufeff-- new\r\nCREATE TABLE t\r\n  (a TEXT );\r\n/* b */ INSERT INTO t VALUES ('x\r\ny');\r\n";
  expect(await checksumOf({ '0001_a.up.sql': other })).toBe(plain);
});

it('gives a script another checksum when a text in it changes, though not for its down', async () => {
  const up = "INSERT INTO t VALUES ('a  b');";
  const checksum = await checksumOf({ '0001_a.up.sql': up });
  expect(await checksumOf({ '0001_a.up.sql': up.replace('a  b', 'a b') })).not.toBe(checksum);
  expect(await checksumOf({ '0001_a.up.sql': up, '0001_a.down.sql': 'DELETE FROM t;' })).toBe(checksum);
});

it('reports what is wrong with names and contents together', async () => {
  const folder = await folderWith({
    '0001_a.up.sql': 'CREATE TABLE t (a);\nCOMMIT;',
    '0001_a.down.sql': "SELECT 'a",
    '0002_b.up.sql': '-- nothing',
    '0003_c.ts': 'enum Colour { Red }',
    'd.sql': '',
  });
  await expect(loadFolder(folder, 'sqlite')).rejects.toMatchObject({
    code: 'MIGRATIONS_BAD_FILES',
    details: {
      problems: [
        'd.sql: expected NNNN_name.up.sql or NNNN_name.down.sql, the name of a-z, 0-9 and _',
        '0001_a.up.sql: line 2: COMMIT is not allowed, every migration has a transaction of its own',
        '0001_a.down.sql: line 1: a quote or comment that starts here does not end',
        '0002_b.up.sql: there is no statement in it',
        expect.stringContaining('0003_c.ts: '),
      ],
    },
  });
});

it('gives a script the same checksum with other directives', async () => {
  const plain = await checksumOf({ '0001_a.up.sql': 'DROP TABLE t;' });
  const directives = '-- phase: contract\n-- lock-timeout: 5s\n-- statement-timeout: 1h\n';
  expect(await checksumOf({ '0001_a.up.sql': `${directives}DROP TABLE t;` })).toBe(plain);
});

it('reports directives that are wrong, in the wrong place or at odds with one another', async () => {
  const folder = await folderWith({
    '0001_a.up.sql': '-- phase: contrat\nSELECT 1;\n-- transaction: on',
    '0002_b.up.sql': '-- irreversible: it is gone\nDROP TABLE t;',
    '0002_b.down.sql': '-- phase: contract\nCREATE TABLE t (a);',
    '0003_c.up.sql': '-- transaction: off\nSELECT 1;',
    '0004_d.ts': 'export const transaction = false;\nexport function up() {}',
    '0005_e.ts': 'export const phases = 1;\nexport function up() {}',
  });
  await expect(loadFolder(folder, 'sqlite')).rejects.toMatchObject({
    details: {
      problems: [
        "0001_a.up.sql: line 1: 'phase' cannot be 'contrat', expected 'expand' or 'contract'",
        "0001_a.up.sql: line 3: 'transaction' must stand before the first statement",
        '0002_b.up.sql: it is irreversible, but there is a 0002_b.down.sql',
        "0002_b.down.sql: 'phase' belongs into 0002_b.up.sql",
        '0003_c.up.sql: line 1: SQLite keeps all of a migration or nothing: leave the transaction on',
        '0004_d.ts: SQLite keeps all of a migration or nothing: leave the transaction on',
        "0005_e.ts: line 1: there is no 'phases', did you mean 'phase'?",
      ],
    },
  });
});

it('reports a folder that is not there', async () => {
  await expect(loadFolder('/nowhere/migrations', 'sqlite')).rejects.toThrow(
    /\/nowhere\/migrations.*\n.*cannot be read/,
  );
});
