import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { SqlDialect } from './dialect.ts';
import { concurrentIndex } from './outside-transaction.ts';
import { parseScript } from './statements.ts';
import { tokenize } from './tokens.ts';

const texts = (sql: string, dialect: SqlDialect) => tokenize(sql, dialect).tokens.map(({ text }) => text);
const split = (sql: string, dialect: SqlDialect) => parseScript(sql, dialect).statements.map((one) => one.sql);

const statements: Readonly<Record<'mysql' | 'postgresql', readonly string[]>> = {
  postgresql: [
    "INSERT INTO t VALUES (E'it\\'s; here', 'back\\', U&'\\0061;');",
    'SELECT $$ ; $a$ ; $$, $tag$ $$; $tag$;',
    'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;',
    'CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;',
    'CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b);',
    'CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();',
    "SELECT a[1:2], b -> 'c' #>> '{d}', x::int, 5 - -3 /* ; /* ; */ ; */ FROM \"a;b\";",
  ],
  mysql: [
    "INSERT INTO t VALUES ('it\\'s; here', \"it\\\";s\", 'it''s;');",
    'SELECT 5--3, `a;b`, @v, @@sql_mode, a->>"$.b" FROM t;',
    'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN IF a THEN SET b = 1; ELSE SET b = 2; END IF; END;',
    'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET new.a = 1;',
    "CREATE DEFINER = `a`@'%' PROCEDURE p() BEGIN l: LOOP LEAVE l; END LOOP; CASE 1 WHEN 1 THEN SELECT 1; END CASE; END;",
    'CREATE FUNCTION f() RETURNS INT RETURN CASE WHEN 1 THEN 2 END;',
    '/*!50003 CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET new.a = 1; END */;',
    'CREATE TABLE event (`end` INT, begin INT);',
  ],
};

const gaps: Readonly<Record<'mysql' | 'postgresql', readonly string[]>> = {
  postgresql: ['', '\n', ' -- a; b\n', '/* ; */', ';', '/* /* ; */ ; */'],
  mysql: ['', '\n', ' -- a; b\n', '/* ; */', ';', '# a; b\n', '--\n'],
};

describe.each(['postgresql', 'mysql'] as const)('in %s', (dialect) => {
  it('splits a script into the statements it was made of', () => {
    const part = fc.tuple(fc.constantFrom(...gaps[dialect]), fc.constantFrom(...statements[dialect]));
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom(...gaps[dialect]), (parts, end) => {
        const sql = parts.map(([before, statement]) => before + statement).join('') + end;
        expect(split(sql, dialect)).toEqual(parts.map(([, statement]) => statement));
        expect(parseScript(sql, dialect).problems).toEqual([]);
      }),
    );
  });

  it('tells the place of each token', () => {
    const any = fc.oneof(fc.constantFrom(...statements[dialect], ...gaps[dialect]), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(any), (parts) => {
        const sql = parts.join(' ');
        for (const { text, start, line } of tokenize(sql, dialect).tokens) {
          expect(sql.slice(start, start + text.length)).toBe(text);
          expect(sql.slice(0, start).split('\n')).toHaveLength(line);
        }
      }),
    );
  });

  it('finds the same tokens whatever comments are between the statements', () => {
    const part = fc.tuple(
      fc.constantFrom(...gaps[dialect].filter((gap) => gap !== ';')),
      fc.constantFrom(...statements[dialect]),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const commented = parts.map(([before, statement]) => before + statement).join('');
        expect(texts(commented, dialect)).toEqual(texts(parts.map(([, statement]) => statement).join('\n'), dialect));
      }),
    );
  });
});

describe('what differs between databases', () => {
  it.each<[SqlDialect, string, readonly string[]]>([
    ['postgresql', "'a\\' b", ["'a\\'", 'b']],
    ['mysql', "'a\\' b'", ["'a\\' b'"]],
    ['postgresql', 'a --b', ['a']],
    ['mysql', 'a --b', ['a', '-', '-', 'b']],
    ['mysql', 'a # b', ['a']],
    ['postgresql', 'a # b', ['a', '#', 'b']],
    ['mysql', 'SELECT /*+ NO_INDEX */ 1', ['SELECT', '/*+ NO_INDEX */', '1']],
    ['mysql', "/*!40101 SET a = '*/' */", ["/*!40101 SET a = '*/' */"]],
    ['mysql', '/*M!100000 x */', ['/*M!100000 x */']],
    ['postgresql', 'a$b$ $1', ['a$b$', '$1']],
    ['postgresql', "e'\\'' x", ["e'\\''", 'x']],
    ['sqlite', '[a;b] x', ['[a;b]', 'x']],
  ])('%s reads %j', (dialect, sql, expected) => {
    expect(texts(sql, dialect)).toEqual(expected);
  });

  it.each<[SqlDialect, string]>([
    ['postgresql', 'SELECT $a$ ; $b$'],
    ['postgresql', '/* /* */'],
    ['postgresql', "E'a\\'"],
    ['mysql', "'a\\'"],
    ['mysql', '/*! SELECT 1'],
  ])('%s finds that %j does not end', (dialect, sql) => {
    expect(parseScript(`SELECT 1;\n${sql}`, dialect).problems).toEqual([
      'line 2: a quote or comment that starts here does not end',
    ]);
  });

  it.each<[SqlDialect, string, boolean]>([
    ['postgresql', 'START TRANSACTION', true],
    ['postgresql', 'ABORT', true],
    ['postgresql', "PREPARE TRANSACTION 'a'", true],
    ['postgresql', 'PREPARE a AS SELECT 1', false],
    ['postgresql', 'ROLLBACK TO SAVEPOINT a', false],
    ['postgresql', '\\connect other', true],
    ['postgresql', 'COPY t FROM STDIN', true],
    ['postgresql', "COPY t FROM '/file'", false],
    ['mysql', 'XA START x', true],
    ['mysql', 'SET @@session.autocommit = 0', true],
    ['mysql', 'SET SESSION autocommit = 0', true],
    ['mysql', 'SET @a = 1', false],
    ['mysql', 'UNLOCK TABLES', true],
  ])('%s refuses %j: %s', (dialect, sql, isRefused) => {
    expect(parseScript(sql, dialect).problems).toHaveLength(isRefused ? 1 : 0);
  });
});

describe('concurrentIndex', () => {
  const indexOf = (sql: string) => concurrentIndex(parseScript(sql, 'postgresql').statements[0]?.tokens ?? []);

  it.each([
    ['CREATE INDEX CONCURRENTLY Users_Mail ON users (mail)', { index: 'users_mail', table: 'users' }],
    ['create unique index concurrently if not exists "A ""b" on only app."T" (x)', { index: 'A "b', table: 'app."T"' }],
    [`CREATE INDEX CONCURRENTLY ${'a'.repeat(70)} ON t (x)`, { index: 'a'.repeat(63), table: 't' }],
  ])('knows what %j makes', (sql, expected) => {
    expect(indexOf(sql)).toEqual(expected);
  });

  it.each(['CREATE INDEX a ON t (x)', 'CREATE INDEX CONCURRENTLY ON t (x)', 'DROP INDEX CONCURRENTLY a'])(
    'passes over %j',
    (sql) => {
      expect(indexOf(sql)).toBeUndefined();
    },
  );
});
