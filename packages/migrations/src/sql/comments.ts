import type { SqlDialect } from './dialect.ts';
import { tokenize } from './tokens.ts';

export interface SqlComment {
  readonly text: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
  /** Whether it stands in front of the first statement. */
  readonly inHeader: boolean;
}

/** The comments that have their lines for themselves. */
export function readComments(sql: string, dialect: SqlDialect): SqlComment[] {
  const { tokens, comments } = tokenize(sql, dialect);
  const firstToken = tokens[0]?.start ?? sql.length;
  const linesWithCode = new Set(tokens.map(({ line }) => line));
  return comments
    .filter(({ line }) => !linesWithCode.has(line))
    .map(({ text, line, start }) => ({ text, line, inHeader: start < firstToken }));
}
