import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { SqlDialect } from '../sql/dialect.ts';
import { lintMigrations } from './lint-migrations.ts';

async function lint(text: string, dialect: SqlDialect = 'postgresql', file = '0001_a.up.sql') {
  return await lintMigrations({ dialect, files: [{ file, text }] });
}

async function rulesIn(text: string, dialect?: SqlDialect): Promise<string[]> {
  return (await lint(text, dialect)).map(({ rule }) => rule);
}

describe('a finding', () => {
  it('says where, what, why and what to do', async () => {
    expect(await lint('-- a comment\n\n  ALTER TABLE "Bücher"\n    DROP COLUMN "größe";')).toEqual([
      {
        file: '0001_a.up.sql',
        line: 3,
        column: 3,
        rule: 'drop-column',
        phase: 'expand',
        severity: 'error',
        why: 'the version that is still running uses the column Bücher.größe: it fails',
        fix: 'drop it in a file of the phase contract, once no version that uses it is live',
      },
    ]);
  });

  it.each([
    [
      'after letters that take several bytes',
      "SELECT 'é😀';\nSELECT 'ü'; ALTER TABLE t ADD COLUMN a int NOT NULL;",
      2,
      38,
    ],
    ['with CRLF', 'SELECT 1;\r\n\r\nALTER TABLE t\r\n  ADD COLUMN a int NOT NULL;', 4, 14],
    ['with a byte order mark', '\ufeffALTER TABLE t ADD COLUMN a int NOT NULL;', 1, 26],
  ])('points to the column, %s', async (_, text, line, column) => {
    expect(await lint(text)).toMatchObject([{ rule: 'required-column', line, column }]);
  });

  it('has the place of the cause in MySQL and SQLite too', async () => {
    const text = "SELECT 'é';\nALTER TABLE t\n  ADD COLUMN a INT,\n  DROP COLUMN b, ALGORITHM=INSTANT;";
    expect(await lint(text, 'mysql')).toMatchObject([{ rule: 'drop-column', line: 4, column: 3 }]);
  });
});

describe('a file that cannot be read', () => {
  it.each<[SqlDialect, string, number, number]>([
    ['postgresql', 'SELECT 1;\nALTER TABLE t DROP;', 2, 19],
    ['postgresql', "SELECT 'é😀'; selec", 1, 15],
    ['postgresql', "SELECT 'no end", 1, 8],
    ['postgresql', 'SELECT \0 1', 1, 8],
    ['mysql', "SELECT 1;\nSELECT 'no end", 2, 8],
    ['sqlite', 'SELECT /* no end', 1, 8],
  ])('is one finding with its place: %s %j', async (dialect, text, line, column) => {
    expect(await lint(text, dialect)).toMatchObject([{ rule: 'syntax', severity: 'error', line, column }]);
  });

  it('says nothing of a file without statements', async () => {
    expect(await lint('-- nothing\n')).toEqual([]);
    expect(await lint('')).toEqual([]);
  });

  it('reports a misspelt directive, for the file would be read in the wrong phase', async () => {
    expect(await lint('-- phase: contrat\nSELECT 1;')).toMatchObject([
      { rule: 'directive', severity: 'error', line: 1 },
    ]);
  });
});

describe('-- lint: allow', () => {
  const allow = '-- lint: allow drop-table because nobody reads it';

  it.each([
    ['in front of the statement', `SELECT 1;\n${allow}\nDROP TABLE a;`],
    ['inside of it', `DROP TABLE\n${allow}\na;`],
    ['behind it on its line', `DROP TABLE a; ${allow}\nSELECT 1;`],
    [
      'for several rules',
      'CREATE TABLE a (b int);\n-- lint: allow recreate-table, drop-table because empty\nDROP TABLE a;',
    ],
  ])('holds %s', async (_, text) => {
    expect(await rulesIn(text)).toEqual([]);
  });

  it('holds for one statement only', async () => {
    expect(await rulesIn(`${allow}\nDROP TABLE a;\nDROP TABLE b;`)).toEqual(['drop-table']);
    expect(await rulesIn(`DROP TABLE a; ${allow}\nDROP TABLE b;`)).toEqual(['drop-table']);
  });

  it.each([
    ['without a reason', '-- lint: allow drop-table'],
    ['with an empty reason', '-- lint: allow drop-table because '],
    ['of a rule that there is not', '-- lint: allow drop-tables because nobody reads it'],
    ['of another rule', '-- lint: allow drop-column because nobody reads it'],
    ['in a text', `SELECT '${allow}';`],
  ])('does not hold %s', async (_, line) => {
    expect(await rulesIn(`${line}\nDROP TABLE a;`)).toContain('drop-table');
  });

  it('that allows nothing is a finding itself', async () => {
    expect(await lint('-- lint: allow drop-table\nSELECT 1;')).toMatchObject([
      { rule: 'bad-allow', severity: 'warning' },
    ]);
    expect(await lint(`SELECT 1;\n\n${allow}`)).toMatchObject([{ rule: 'bad-allow', line: 3 }]);
  });

  it('cannot allow what cannot be read', async () => {
    const text = '-- lint: allow syntax because I like it\nALTER TABEL a;';
    expect(await rulesIn(text)).toEqual(['syntax']);
  });
});

describe('what was made in the same file', () => {
  it.each([
    'CREATE TABLE a (b int, c text); CREATE UNIQUE INDEX i ON a (b); ALTER TABLE a ALTER c SET NOT NULL, ADD CHECK (b > 0);',
    'CREATE TABLE a (b int); ALTER TABLE a RENAME COLUMN b TO c; ALTER TABLE a RENAME TO d; ALTER TABLE d DROP COLUMN c; DROP TABLE d;',
    'CREATE TABLE public.a (b int); CREATE INDEX i ON a (b);',
    'CREATE TABLE a (b int); DROP TRIGGER IF EXISTS t ON a; CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();',
  ])('may be changed at once: %s', async (text) => {
    expect(await rulesIn(text)).toEqual([]);
  });

  it('is in use by the next file', async () => {
    const files = [
      { file: '0001_a.up.sql', text: 'CREATE TABLE a (b int);' },
      { file: '0002_b.up.sql', text: 'CREATE INDEX i ON a (b);' },
    ];
    expect(await lintMigrations({ dialect: 'postgresql', files })).toMatchObject([
      { file: '0002_b.up.sql', rule: 'index-without-concurrently' },
    ]);
  });
});

describe('what cannot be told', () => {
  it.each([
    'CALL p();',
    'ALTER TABLE t FROBNICATE;',
    'ALTER TABLE t ADD COLUMN a INT FROBNICATED, ALGORITHM=INSTANT;',
    'FLUSH TABLES;',
    '/*!50700 DROP TABLE t */;',
    'ALTER TABLE t /*!80000 DROP COLUMN b */;',
    'SET a = 1, b = 2;',
    'ALTER TABLE t ADD SYSTEM VERSIONING, ALGORITHM=INSTANT;',
  ])('is an error on MySQL: %s', async (text) => {
    expect(await lint(text, 'mysql')).toContainEqual(
      expect.objectContaining({ rule: 'cannot-be-judged', severity: 'error' }),
    );
  });

  it.each(['DO $$ BEGIN END $$;', 'CALL p();', 'ALTER TABLE t OF u;'])(
    'is an error on PostgreSQL: %s',
    async (text) => {
      expect(await rulesIn(text)).toContain('cannot-be-judged');
    },
  );

  it('is an error on SQLite', async () => {
    expect(await rulesIn("ATTACH 'a.db' AS b;", 'sqlite')).toEqual(['cannot-be-judged']);
  });

  it('is said of modules, unless they say why they are safe', async () => {
    const module = "export async function up({ db }) { await db.execute('DROP TABLE a'); }";
    expect(await lint(module, 'sqlite', '0001_a.ts')).toMatchObject([{ rule: 'module-not-read', severity: 'warning' }]);
    const allowed = `// lint: allow module-not-read because it fills a new column in batches\n${module}`;
    expect(await lint(allowed, 'sqlite', '0001_a.ts')).toEqual([]);
  });
});

describe('a folder', () => {
  async function folderWith(files: Record<string, string>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-lint-'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  }

  it('is read in the order of the numbers, the ways up only', async () => {
    const folder = await folderWith({
      '0010_b.up.sql': 'ALTER TABLE a ALTER COLUMN b TYPE varchar(20);',
      '0002_a.up.sql': 'CREATE TABLE a (b varchar(10));',
      '0002_a.down.sql': 'DROP TABLE a;',
    });
    expect(await lintMigrations({ folder, dialect: 'postgresql' })).toEqual([]);
  });

  it('can be looked at in part, with the rest known', async () => {
    const folder = await folderWith({
      '0001_a.up.sql': 'CREATE TABLE a (b varchar(10)); DROP TABLE c;',
      '0002_b.up.sql': 'ALTER TABLE a ALTER COLUMN b TYPE varchar(20); DROP TABLE d;',
    });
    expect(await lintMigrations({ folder, dialect: 'postgresql', only: ['0002_b'] })).toMatchObject([
      { file: '0002_b.up.sql', rule: 'drop-table' },
    ]);
  });

  it('that cannot be read is an error with a code', async () => {
    await expect(lintMigrations({ folder: '/nowhere', dialect: 'mysql' })).rejects.toMatchObject({
      code: 'MIGRATIONS_BAD_FILES',
    });
  });

  it('is not read on after the signal', async () => {
    const options = {
      files: [{ file: '0001_a.up.sql', text: '' }],
      dialect: 'sqlite',
      signal: AbortSignal.abort(),
    } as const;
    await expect(lintMigrations(options)).rejects.toThrow(/abort/i);
  });
});
