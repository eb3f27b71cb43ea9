import { parseScript } from '../../sql/statements.ts';

const dataVerbs = new Set(['DELETE', 'DO', 'INSERT', 'REPLACE', 'SELECT', 'SET', 'TABLE', 'UPDATE', 'VALUES', 'WITH']);

/** Whether a statement leaves the transaction around it open: what it changes is kept by the COMMIT, or not at all. */
export function staysInTransaction(sql: string): boolean {
  const [first = ''] = parseScript(sql, 'mysql').statements[0]?.tokens ?? [];
  return dataVerbs.has(first.toUpperCase());
}
