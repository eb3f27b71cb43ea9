import type { DatabaseSync } from 'node:sqlite';

import type { MigrationDb, SqlValue } from '../../ports/migration-database.ts';
import { parseScript, type SqlStatement } from '../../sql/statements.ts';

/** What a TypeScript migration works with. `connection` throws once the transaction has ended. */
export function sqliteMigrationDb(connection: () => DatabaseSync): MigrationDb {
  return {
    execute(sql: string, ...params: readonly SqlValue[]): void {
      const statements = params.length > 0 ? [onlyStatement(sql)] : statementsOf(sql);
      for (const statement of statements)
        connection()
          .prepare(statement.sql)
          .run(...params);
    },

    query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Row[] {
      return connection()
        .prepare(onlyStatement(sql).sql)
        .all(...params) as Row[];
    },
  };
}

/** `prepare` compiles the first statement and drops the others without a word. */
function onlyStatement(sql: string): SqlStatement {
  const [statement, another] = statementsOf(sql);
  if (statement === undefined || another !== undefined) {
    throw new Error('expected one statement: only execute() without parameters runs several');
  }
  return statement;
}

function statementsOf(sql: string): readonly SqlStatement[] {
  const { statements, problems } = parseScript(sql);
  if (problems.length > 0) throw new Error(problems.join('; '));
  if (statements.length === 0) throw new Error('there is no statement in the SQL given to the database');
  return statements;
}
