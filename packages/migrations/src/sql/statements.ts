import { type SqlToken, tokenize } from './tokens.ts';

export interface SqlStatement {
  readonly sql: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
}

export interface SqlScript {
  readonly statements: readonly SqlStatement[];
  /** What matters of the text, without comments and white space. */
  readonly tokens: readonly string[];
  /** Why it cannot be run as a migration, each with its line. */
  readonly problems: readonly string[];
}

/** Splits SQL into statements; the `;` inside a trigger's BEGIN … END does not split. */
export function parseScript(sql: string): SqlScript {
  const { tokens, unreadableLine } = tokenize(sql);
  const statements = splitStatements(tokens);
  const problems = statements.flatMap(transactionControl);
  if (unreadableLine !== undefined) {
    problems.push(`line ${unreadableLine}: a quote or comment that starts here does not end`);
  }
  return {
    statements: statements.map((statement) => sliceOf(sql, statement)),
    tokens: tokens.map(({ text }) => text),
    problems,
  };
}

function splitStatements(tokens: readonly SqlToken[]): SqlToken[][] {
  const statements: SqlToken[][] = [];
  let current: SqlToken[] = [];
  for (const token of tokens) {
    if (current.length === 0 && token.text === ';') continue;
    current.push(token);
    if (token.text === ';' && (!createsTrigger(current) || endsTrigger(current))) {
      statements.push(current);
      current = [];
    }
  }
  if (current.length > 0) statements.push(current);
  return statements;
}

function createsTrigger(statement: readonly SqlToken[]): boolean {
  const [first, second, third] = statement.slice(0, 3).map(keyword);
  return first === 'CREATE' && (second === 'TRIGGER' || (/^TEMP(ORARY)?$/.test(second ?? '') && third === 'TRIGGER'));
}

/** A CASE … END may come before, but only the body's END stands right after a `;`. */
function endsTrigger(statement: readonly SqlToken[]): boolean {
  const [before, last] = statement.slice(-3).map(keyword);
  return before === ';' && last === 'END';
}

function transactionControl(statement: readonly SqlToken[]): string[] {
  const [first = '', second, third] = statement.slice(0, 3).map(keyword);
  if (!['BEGIN', 'COMMIT', 'END', 'ROLLBACK'].includes(first)) return [];
  const returnsToSavepoint = first === 'ROLLBACK' && [second, third].includes('TO');
  if (returnsToSavepoint) return [];
  return [`line ${statement[0]?.line ?? 0}: ${first} is not allowed, every migration has a transaction of its own`];
}

function keyword({ text }: SqlToken): string {
  return text.toUpperCase();
}

function sliceOf(sql: string, statement: readonly SqlToken[]): SqlStatement {
  const first = statement[0];
  const last = statement.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a statement has at least one token');
  return { sql: sql.slice(first.start, last.start + last.text.length), line: first.line };
}
