import type { Complaint, Rule } from '../rule.ts';
import { later } from './phases.ts';

/** What the version that is still running uses has another name. */
export const renamingRules: readonly Rule[] = [
  {
    name: 'rename-table',
    harm: 'breaks',
    checks: {
      'rename-table': ({ table, to }, { schema }) =>
        schema.isNew(table)
          ? undefined
          : renaming(
              `the table ${table}`,
              `give it the new name as a view: CREATE VIEW ${to} AS SELECT * FROM ${table}; rename it in the phase contract`,
            ),
    },
  },
  {
    name: 'rename-column',
    harm: 'breaks',
    checks: {
      'rename-column': ({ table, column, to }, { schema }) =>
        schema.isNewColumn(table, column)
          ? undefined
          : renaming(
              `the column ${table}.${column}`,
              `add the column ${to}, write both, backfill it, and drop ${column} in the phase contract`,
            ),
    },
  },
  {
    name: 'rename-object',
    harm: 'breaks',
    checks: {
      'rename-object': ({ object, name }) =>
        renaming(`the ${object} ${name}`, `create a second ${object}, and drop this one ${later}`),
    },
  },
  {
    name: 'rename-enum-value',
    harm: 'breaks',
    checks: {
      'rename-enum-value': ({ type, from, to }) =>
        renaming(
          `the value '${from}' of ${type}`,
          `ALTER TYPE ${type} ADD VALUE '${to}', read both, write the new one, then backfill`,
        ),
    },
  },
];

function renaming(what: string, instead: string): Complaint {
  return { why: `the version that is still running knows ${what} by its old name: it fails`, fix: instead };
}
