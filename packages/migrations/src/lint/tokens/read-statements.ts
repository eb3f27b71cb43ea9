import type { ReadStatements, Statement } from '../operations.ts';
import type { SqlDialect } from '../../sql/dialect.ts';
import { splitStatements } from '../../sql/statements.ts';
import { type SqlToken, tokenize } from '../../sql/tokens.ts';
import { mysqlStatements } from './mysql-statements.ts';
import { sqliteStatements } from './sqlite-statements.ts';
import type { ReadStatement, StatementReaders } from './statement-readers.ts';
import { TokenReader } from './token-reader.ts';

const longestStart = 4;
const readersOf: Readonly<Record<Exclude<SqlDialect, 'postgresql'>, StatementReaders>> = {
  mysql: mysqlStatements,
  sqlite: sqliteStatements,
};

/** Reads SQL word by word, as there is no grammar to ask: what is not recognised is said to be unclear. */
export function readByTokens(sql: string, dialect: Exclude<SqlDialect, 'postgresql'>): ReadStatements {
  const { tokens, comments, unreadableLine } = tokenize(sql, dialect);
  if (unreadableLine !== undefined) {
    const read = Math.max(endOf(tokens.at(-1)), endOf(comments.at(-1)));
    const at = read + (/^\s*/.exec(sql.slice(read))?.[0].length ?? 0);
    return { problem: { at, message: 'a quote or comment that starts here does not end' } };
  }
  return { statements: splitStatements(tokens, dialect).map((statement) => read(statement, dialect)) };
}

function read(tokens: readonly SqlToken[], dialect: Exclude<SqlDialect, 'postgresql'>): Statement {
  const start = tokens[0]?.start ?? 0;
  const last = tokens.at(-1);
  const inner = last?.text === ';' ? tokens.slice(0, -1) : tokens;
  const { operations, isDdl, notInTransaction, online } = operationsOf(inner, readersOf[dialect], start);
  return {
    start,
    end: last?.text === ';' ? last.start : endOf(last),
    operations,
    isDdl,
    takesLong: false,
    notInTransaction,
    online,
  };
}

function operationsOf(tokens: readonly SqlToken[], readers: StatementReaders, at: number): ReadStatement {
  // MySQL executes what stands in /*! … */, and what that is depends on its version.
  const isExecutable = tokens.some(({ text }) => text.startsWith('/*!') || text.startsWith('/*M!'));
  for (let length = longestStart; length > 0 && !isExecutable; length -= 1) {
    const start = tokens.slice(0, length).map(({ text }) => text.toUpperCase());
    const read = Object.hasOwn(readers, start.join(' ')) ? readers[start.join(' ')] : undefined;
    if (read !== undefined) return read(new TokenReader(tokens.slice(length)), at);
  }
  const what = tokens.slice(0, 3).map(({ text }) => text.toUpperCase());
  return { operations: [{ kind: 'unclear', what: `${what.join(' ')} …`, at }], isDdl: true };
}

function endOf(token: SqlToken | undefined): number {
  return token === undefined ? 0 : token.start + token.text.length;
}
