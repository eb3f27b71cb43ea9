import type { Column } from '../operations.ts';
import type { Rule } from '../rule.ts';

export const unclearRule: Rule = {
  name: 'cannot-be-judged',
  harm: 'unclear',
  checks: {
    unclear: ({ what }) => ({
      why: `what ${what} does cannot be told from its text`,
      fix: 'write it as plain statements, or say why it is safe: -- lint: allow cannot-be-judged because …',
    }),
  },
};

export const wideIndexRule: Rule = {
  name: 'wide-index',
  harm: 'advice',
  checks: {
    'create-index': ({ index: { columns, unique } }) =>
      columns.length > 3 && !unique
        ? {
            why: `an index of ${columns.length} columns is rarely faster than one of its first, and every write keeps it up`,
            fix: 'start with the columns that leave the fewest rows, three at most',
          }
        : undefined,
  },
};

/** What works at first and hurts on PostgreSQL later. */
export const postgresqlAdvice: readonly Rule[] = [
  {
    name: 'json-column',
    harm: 'advice',
    checks: {
      'add-column': ({ added }) => jsonColumn([added]),
      'create-table': ({ columns }) => jsonColumn(columns),
    },
  },
  {
    name: 'constrained-domain',
    harm: 'blocks',
    checks: {
      'define-domain': ({ name, isNew }) =>
        isNew
          ? {
              why: `adding a column of ${name} rewrites its table, and a change of the constraint checks every table that uses it`,
              fix: 'put the constraint on the columns',
            }
          : {
              why: `every table with a column of ${name} is checked with writers waiting, and the version that is still running may write what is refused`,
              fix: 'put the constraint on the columns, with NOT VALID and VALIDATE',
            },
    },
  },
  {
    name: 'attach-checks-rows',
    harm: 'blocks',
    checks: {
      'attach-partition': ({ partition }, { schema }) =>
        schema.isNew(partition)
          ? undefined
          : {
              why: `nobody reads or writes ${partition} while every row is checked against its bounds`,
              fix: `add and validate a CHECK of the same bounds on ${partition} before, then: -- lint: allow attach-checks-rows because …`,
            },
    },
  },
];

function jsonColumn(columns: readonly Column[]) {
  const column = columns.find(({ type }) => type?.name === 'json');
  return column === undefined
    ? undefined
    : { why: `json cannot be compared: SELECT DISTINCT and GROUP BY of ${column.name} fail`, fix: 'use jsonb' };
}
