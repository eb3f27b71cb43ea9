import type { SqlDialect } from '../sql/dialect.ts';
import type { Rule } from './rule.ts';
import { postgresqlAdvice, unclearRule, wideIndexRule } from './rules/advice.ts';
import { rewritingRules, validatingRules } from './rules/blocking-tables.ts';
import { concurrentRules } from './rules/concurrently.ts';
import { droppingRules } from './rules/dropping.ts';
import { lossRules } from './rules/loss.ts';
import { mysqlRules } from './rules/mysql.ts';
import { rebuildRule } from './rules/rebuild.ts';
import { renamingRules } from './rules/renaming.ts';
import { requiredColumn, requiringRules } from './rules/requiring.ts';
import { heldLockRules, transactionRules } from './rules/transaction.ts';

const everywhere: readonly Rule[] = [
  ...droppingRules,
  ...renamingRules,
  ...requiringRules,
  rebuildRule,
  ...transactionRules,
  ...lossRules,
  unclearRule,
];

export const rulesOf: Readonly<Record<SqlDialect, readonly Rule[]>> = {
  postgresql: [
    ...everywhere,
    requiredColumn('fails'),
    ...rewritingRules,
    ...validatingRules,
    ...concurrentRules,
    ...heldLockRules,
    ...postgresqlAdvice,
    wideIndexRule,
  ],
  mysql: [...everywhere, requiredColumn('breaks'), ...rewritingRules, ...mysqlRules, wideIndexRule],
  // One writer at a time, and every change of a table is quick or a rebuild: there is nothing to say about blocking.
  sqlite: [...everywhere, requiredColumn('fails')],
};

/** What `-- lint: allow` can name. */
export const ruleNames: ReadonlySet<string> = new Set([
  ...Object.values(rulesOf).flatMap((rules) => rules.map(({ name }) => name)),
  'foreign-key-without-index',
  'module-not-read',
]);
