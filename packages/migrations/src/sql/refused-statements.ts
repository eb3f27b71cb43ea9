import type { SqlDialect } from './dialect.ts';
import type { SqlToken } from './tokens.ts';

const ownTransaction = 'every migration has a transaction of its own';

/** Why a statement may not stand in a migration, with its line; undefined for one that may. */
export function refusedStatement(statement: readonly SqlToken[], dialect: SqlDialect): string | undefined {
  const words = statement.slice(0, 4).map(({ text }) => text.toUpperCase());
  const [first = ''] = words;
  const reason = endsTransaction(words, dialect) ? ownTransaction : reasons[dialect](words, statement);
  if (reason === undefined) return undefined;
  return `line ${statement[0]?.line ?? 0}: ${first} is not allowed, ${reason}`;
}

function endsTransaction([first = '', second, third]: readonly string[], dialect: SqlDialect): boolean {
  if (first === 'ROLLBACK') return second !== 'TO' && third !== 'TO';
  if (['BEGIN', 'COMMIT', 'END'].includes(first)) return true;
  if (dialect === 'sqlite') return false;
  return first === 'ABORT' || first === 'XA' || (/^(START|PREPARE)$/.test(first) && second === 'TRANSACTION');
}

type Reason = (words: readonly string[], statement: readonly SqlToken[]) => string | undefined;

const reasons: Readonly<Record<SqlDialect, Reason>> = {
  sqlite: () => undefined,

  postgresql([first], statement) {
    if (first === '\\') return "it begins a command of psql's, not SQL";
    const isCopy = first === 'COPY' && statement.some(({ text }) => /^(STDIN|STDOUT)$/i.test(text));
    return isCopy ? 'there is no client to copy from or to: use INSERT' : undefined;
  },

  mysql([first = '', second = '', third]) {
    if (first === 'DELIMITER') return "it is a command of the client's: leave it out, BEGIN … END is kept together";
    if (first === 'USE') return 'a migration stays in the database it was opened with';
    if (first === 'LOCK' || first === 'UNLOCK') return 'what was done is written down between the statements';
    const isAutocommit =
      first === 'SET' && [second, third].some((word) => /^(@@)?(SESSION\.)?AUTOCOMMIT$/.test(word ?? ''));
    return isAutocommit ? ownTransaction : undefined;
  },
};
