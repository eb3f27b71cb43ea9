import type { Operation } from '../operations.ts';
import type { Rule } from '../rule.ts';

export const lossRules: readonly Rule[] = [
  {
    name: 'truncate-cascade',
    harm: 'loses',
    checks: {
      truncate: ({ tables, cascade }) =>
        cascade
          ? {
              why: `every table that refers to ${tables.join(', ')} is emptied too, and those that refer to these`,
              fix: 'name the tables that are meant: TRUNCATE a, b',
            }
          : undefined,
    },
  },
  {
    name: 'drop-database',
    harm: 'loses',
    checks: {
      'drop-database': ({ name }) => ({
        why: `everything in ${name} is gone, other services' data as well`,
        fix: 'leave it out: drop a database by hand, once it is backed up',
      }),
    },
  },
  {
    name: 'recreate-table',
    harm: 'loses',
    checks: {
      'create-table': ({ table }, { all, index }) => {
        const before = all.slice(0, index).flatMap(({ operations }) => operations);
        const isOf = (one: Operation) =>
          (one.kind === 'drop-table' || one.kind === 'create-table') && one.table === table;
        return before.find(isOf)?.kind === 'drop-table'
          ? {
              why: `the rows of ${table} are gone where the table is there already`,
              fix: 'only CREATE it; to drop an old table, do so in a migration of its own in the phase contract',
            }
          : undefined;
      },
    },
  },
];
