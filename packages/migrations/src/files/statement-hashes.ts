import { createHash } from 'node:crypto';

import type { SqlStatement } from '../sql/statements.ts';

/** For each statement a hash over what matters of it and of all before it. */
export function statementHashes(statements: readonly SqlStatement[]): string[] {
  let before = '';
  return statements.map(({ tokens }) => {
    // Without the semicolon, which the last one may have or not.
    const significant = tokens.at(-1) === ';' ? tokens.slice(0, -1) : tokens;
    before = createHash('sha256')
      .update(JSON.stringify([before, ...significant]))
      .digest('hex');
    return before;
  });
}
