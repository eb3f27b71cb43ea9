import type { SqlDialect } from './dialect.ts';
import { parseScript, type SqlStatement } from './statements.ts';

/** The statements of SQL that a TypeScript migration gives to the database: one where there are parameters. */
export function givenStatements(
  sql: string,
  dialect: SqlDialect,
  { single }: { readonly single: boolean },
): readonly SqlStatement[] {
  const { statements, problems } = parseScript(sql, dialect);
  if (problems.length > 0) throw new Error(problems.join('; '));
  if (statements.length === 0) throw new Error('there is no statement in the SQL given to the database');
  if (single && statements.length > 1) {
    throw new Error('expected one statement: only execute() without parameters runs several');
  }
  return statements;
}

/** The one statement of it. */
export function givenStatement(sql: string, dialect: SqlDialect): SqlStatement {
  const [statement] = givenStatements(sql, dialect, { single: true });
  if (statement === undefined) throw new RangeError('one statement was asked for');
  return statement;
}
