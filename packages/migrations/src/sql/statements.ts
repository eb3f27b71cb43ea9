import { compoundEnd } from './compound.ts';
import type { SqlDialect } from './dialect.ts';
import { refusedStatement } from './refused-statements.ts';
import { type SqlToken, tokenize } from './tokens.ts';

export interface SqlStatement {
  readonly sql: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
  /** What matters of it, without comments and white space. */
  readonly tokens: readonly string[];
}

export interface SqlScript {
  readonly statements: readonly SqlStatement[];
  /** What matters of the text, without comments and white space. */
  readonly tokens: readonly string[];
  /** Why it cannot be run as a migration, each with its line. */
  readonly problems: readonly string[];
}

/** Splits SQL into statements; the `;` inside the body of a trigger or a routine does not split. */
export function parseScript(sql: string, dialect: SqlDialect): SqlScript {
  const { tokens, unreadableLine } = tokenize(sql, dialect);
  const statements = splitStatements(tokens, dialect);
  const problems = statements.flatMap((statement) => refusedStatement(statement, dialect) ?? []);
  if (unreadableLine !== undefined) {
    problems.push(`line ${unreadableLine}: a quote or comment that starts here does not end`);
  }
  return {
    statements: statements.map((statement) => sliceOf(sql, statement)),
    tokens: tokens.map(({ text }) => text),
    problems,
  };
}

export function splitStatements(tokens: readonly SqlToken[], dialect: SqlDialect): SqlToken[][] {
  const statements: SqlToken[][] = [];
  let start = 0;
  while (start < tokens.length) {
    if (tokens[start]?.text === ';') {
      start += 1;
      continue;
    }
    const end = compoundEnd(tokens, start, dialect) ?? simpleEnd(tokens, start);
    statements.push(tokens.slice(start, end));
    start = end;
  }
  return statements;
}

function simpleEnd(tokens: readonly SqlToken[], start: number): number {
  let end = start;
  while (end < tokens.length && tokens[end]?.text !== ';') end += 1;
  return Math.min(end + 1, tokens.length);
}

function sliceOf(sql: string, statement: readonly SqlToken[]): SqlStatement {
  const first = statement[0];
  const last = statement.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a statement has at least one token');
  return {
    sql: sql.slice(first.start, last.start + last.text.length),
    line: first.line,
    tokens: statement.map(({ text }) => text),
  };
}
