import type { SqlDialect } from './dialect.ts';
import type { SqlStatement } from './statements.ts';

/** Why a script cannot be run with or without a transaction, each with its line. */
export function transactionProblems(
  statements: readonly SqlStatement[],
  { transaction, dialect }: { readonly transaction: boolean; readonly dialect: SqlDialect },
): string[] {
  if (dialect === 'sqlite' && !transaction) return [`line 1: ${noStepsInSqlite}`];
  if (dialect !== 'postgresql') return [];
  return statements.flatMap(({ tokens, line }) => {
    const words = tokens.map((token) => token.toUpperCase());
    if (transaction && refusesTransaction(words)) {
      return [
        `line ${line}: ${words[0] ?? ''} cannot run in a transaction: write '-- transaction: off' on the first line`,
      ];
    }
    if (createsIndexConcurrently(words) && concurrentIndex(tokens) === undefined) {
      return [`line ${line}: the index needs a name, by which what a failed attempt left is found`];
    }
    return [];
  });
}

export const noStepsInSqlite = 'SQLite keeps all of a migration or nothing: leave the transaction on';

export interface ConcurrentIndex {
  /** Its name as the database keeps it. */
  readonly index: string;
  /** As it is written, with its schema where there is one. */
  readonly table: string;
}

/** What a CREATE INDEX CONCURRENTLY makes; undefined for other statements, and where the index has no name. */
export function concurrentIndex(tokens: readonly string[]): ConcurrentIndex | undefined {
  const words = tokens.map((token) => token.toUpperCase());
  if (!createsIndexConcurrently(words)) return undefined;
  const afterKeyword = words.indexOf('CONCURRENTLY') + 1;
  const at = words[afterKeyword] === 'IF' ? afterKeyword + 3 : afterKeyword;
  const name = tokens[at];
  if (name === undefined || words[at] === 'ON' || words[at + 1] !== 'ON') return undefined;
  const tableAt = words[at + 2] === 'ONLY' ? at + 3 : at + 2;
  const table = tokens.slice(tableAt, tableAt + (tokens[tableAt + 1] === '.' ? 3 : 1)).join('');
  return { index: nameOf(name), table };
}

function createsIndexConcurrently([first, second, third, fourth]: readonly string[]): boolean {
  if (first !== 'CREATE') return false;
  return (second === 'INDEX' && third === 'CONCURRENTLY') || (third === 'INDEX' && fourth === 'CONCURRENTLY');
}

function refusesTransaction(words: readonly string[]): boolean {
  const [first = '', second = ''] = words;
  if (first === 'VACUUM' || (first === 'ALTER' && second === 'SYSTEM')) return true;
  if (/^(CREATE|DROP)$/.test(first) && /^(DATABASE|TABLESPACE)$/.test(second)) return true;
  if (createsIndexConcurrently(words)) return true;
  if (first === 'DROP' && second === 'INDEX') return words[2] === 'CONCURRENTLY';
  if (first === 'REINDEX') return words.includes('CONCURRENTLY');
  return first === 'ALTER' && second === 'TABLE' && words.includes('DETACH') && words.includes('CONCURRENTLY');
}

const longestName = 63;

/** PostgreSQL folds names without quotes, and cuts them. */
function nameOf(written: string): string {
  const name = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase();
  return Buffer.from(name).subarray(0, longestName).toString();
}
