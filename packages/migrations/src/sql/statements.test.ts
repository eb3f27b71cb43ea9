import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseScript } from './statements.ts';

const split = (sql: string) => parseScript(sql, 'sqlite').statements.map((statement) => statement.sql);

const trigger = `CREATE TRIGGER total AFTER INSERT ON items BEGIN
  UPDATE sums SET n = CASE WHEN n > 1 THEN n ELSE 1 END;
  DELETE FROM queue WHERE note = ';';
END;`;

describe('parseScript', () => {
  it('splits a script into the statements it was made of', () => {
    const statement = fc.constantFrom(
      "CREATE TABLE t (a TEXT DEFAULT ';');",
      "INSERT INTO t VALUES ('it''s; here');",
      'UPDATE "a;b" SET `c;d` = [e;f];',
      'SELECT CASE a WHEN 1 THEN 2 END FROM t;',
      trigger,
      trigger.replace('CREATE', 'create /* ; */ temp').replace('END;', 'end;'),
    );
    const gap = fc.constantFrom('', '\n', ' -- a; b\n', '/* ; */', ';', '\n\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, statement)), gap, (parts, end) => {
        expect(split(parts.map(([before, sql]) => before + sql).join('') + end)).toEqual(parts.map(([, sql]) => sql));
      }),
    );
  });

  it('takes the last statement without its semicolon', () => {
    expect(split('SELECT 1; SELECT 2 -- done')).toEqual(['SELECT 1;', 'SELECT 2']);
    expect(split(trigger.slice(0, -1))).toEqual([trigger.slice(0, -1)]);
  });

  it('finds no statement where there are only comments', () => {
    expect(split('-- nothing yet\n/* at all */ ;')).toEqual([]);
  });

  it('tells the line each statement starts on', () => {
    const { statements } = parseScript('-- first\nSELECT 1;\n\n/* a\n b */ SELECT 2;', 'sqlite');
    expect(statements.map(({ line }) => line)).toEqual([2, 5]);
  });

  it.each(['BEGIN', 'begin immediate', 'COMMIT', 'END TRANSACTION', 'ROLLBACK'])('refuses %s', (sql) => {
    expect(parseScript(`SELECT 1;\n${sql};`, 'sqlite').problems).toEqual([
      `line 2: ${(sql.split(' ')[0] ?? '').toUpperCase()} is not allowed, every migration has a transaction of its own`,
    ]);
  });

  it.each([trigger, 'SAVEPOINT a', 'ROLLBACK TO a', 'ROLLBACK TRANSACTION TO SAVEPOINT a', 'RELEASE a'])(
    'allows %s',
    (sql) => {
      expect(parseScript(sql, 'sqlite').problems).toEqual([]);
    },
  );

  it('refuses a quote that does not end, with its line', () => {
    expect(parseScript("SELECT 1;\nSELECT 'a;", 'sqlite').problems).toEqual([
      'line 2: a quote or comment that starts here does not end',
    ]);
  });
});
