import type { ConstraintKind } from '../operations.ts';
import type { Complaint, Rule } from '../rule.ts';
import { isOnline } from './online.ts';
import { isWidening } from './widening.ts';

const stepByStep = 'add the column without it, SET DEFAULT in a second statement, and backfill the rows in batches';

/** What copies a table, or reads all of it, with nobody else at it: the same on PostgreSQL and MySQL. */
export const rewritingRules: readonly Rule[] = [
  {
    name: 'volatile-default',
    harm: 'blocks',
    checks: {
      'add-column': ({ table, added }, { schema }) =>
        added.default === 'expression' && !schema.isNew(table)
          ? rewritten(table, `the default of ${added.name} is computed for every row`, stepByStep)
          : undefined,
    },
  },
  {
    name: 'stored-generated-column',
    harm: 'blocks',
    checks: {
      'add-column': ({ table, added }, { schema }) =>
        added.generated === 'stored' && !schema.isNew(table)
          ? rewritten(
              table,
              `${added.name} is computed for every row`,
              'add a plain column that a trigger fills, and backfill it in batches',
            )
          : undefined,
    },
  },
  {
    name: 'numbered-column',
    harm: 'blocks',
    checks: {
      'add-column': ({ table, added }, { schema }) =>
        added.numbering !== 'none' && !schema.isNew(table)
          ? rewritten(
              table,
              `${added.name} gets a number in every row`,
              'create a new table with the column, write both, and backfill it in batches',
            )
          : undefined,
    },
  },
  {
    name: 'rewrite-for-type',
    harm: 'blocks',
    checks: {
      'change-type': ({ table, column, type, converts }, { schema, dialect }) => {
        if (schema.isNew(table)) return undefined;
        const isPlain = !converts && isWidening(dialect, schema.column(table, column)?.type, type);
        // MySQL does not try the checks again.
        if (isPlain && (dialect === 'mysql' || !schema.isChecked(table, column))) return undefined;
        const reason = isPlain ? `a check of ${column} is tried on every row` : `${column} is converted in every row`;
        return rewritten(
          table,
          reason,
          `add a column of type ${type.name}, backfill it in batches, and use it instead`,
        );
      },
    },
  },
  {
    name: 'rewrite-table',
    harm: 'blocks',
    checks: {
      'rebuild-table': ({ table, by }, { schema, statement }) =>
        schema.isNew(table) || (statement.online !== undefined && isOnline(statement))
          ? undefined
          : rewritten(
              table,
              `${by} copies it`,
              'build a new table, write both, backfill it in batches, and use it instead',
            ),
    },
  },
  {
    name: 'lock-table',
    harm: 'blocks',
    checks: {
      'lock-table': ({ table }, { schema }) =>
        schema.isNew(table)
          ? undefined
          : {
              why: `others wait for ${table} until the migration ends`,
              fix: 'leave it out: statements take the locks they need',
            },
    },
  },
  {
    name: 'unbatched-write',
    harm: 'blocks',
    checks: {
      write: ({ table, verb, bounded }, { schema }) =>
        bounded || schema.isNew(table)
          ? undefined
          : {
              why: `one ${verb} of as many rows as there are in ${table} locks them all until it ends`,
              fix: 'write in batches, by ranges of the key, in a migration of its own',
            },
    },
  },
];

const notValid: ReadonlySet<ConstraintKind> = new Set(['check', 'foreign-key', 'not-null']);

/** What reads a whole table on PostgreSQL with writers or everybody waiting, where there is a way without. */
export const validatingRules: readonly Rule[] = [
  {
    name: 'constraint-without-not-valid',
    harm: 'blocks',
    checks: {
      'add-constraint': ({ table, constraint: { kind, name, validated } }, { schema }) => {
        if (!validated || !notValid.has(kind) || schema.isNew(table)) return undefined;
        const others = kind === 'foreign-key' ? 'nobody writes to either table' : 'nobody reads or writes it';
        return {
          why: `${others} while every row of ${table} is checked`,
          fix: `ADD CONSTRAINT … NOT VALID, then ALTER TABLE ${table} VALIDATE CONSTRAINT ${name ?? '…'} in a file after it`,
        };
      },
    },
  },
  {
    name: 'not-null-scan',
    harm: 'blocks',
    checks: {
      'set-not-null': ({ table, column }, { schema }) =>
        schema.isNew(table) || schema.isNotNull(table, column)
          ? undefined
          : {
              why: `nobody reads or writes ${table} while every row is searched for NULL`,
              fix: `ADD CONSTRAINT … CHECK (${column} IS NOT NULL) NOT VALID, VALIDATE it in a second file, SET NOT NULL in a third one`,
            },
    },
  },
  {
    name: 'key-builds-index',
    harm: 'blocks',
    checks: {
      'add-constraint': ({ table, constraint: { kind, usingIndex } }, { schema }) => {
        if ((kind !== 'unique' && kind !== 'primary-key') || usingIndex !== undefined || schema.isNew(table))
          return undefined;
        const key = kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY';
        return {
          why: `nobody reads or writes ${table} while the index of the key is built`,
          fix: `CREATE UNIQUE INDEX CONCURRENTLY in a file of its own, then ADD CONSTRAINT … ${key} USING INDEX`,
        };
      },
    },
  },
  {
    name: 'primary-key-scan',
    harm: 'blocks',
    checks: {
      'add-constraint': ({ table, constraint: { kind, usingIndex } }, { schema }) => {
        if (kind !== 'primary-key' || usingIndex === undefined || schema.isNew(table)) return undefined;
        const columns = schema.indexNamed(usingIndex)?.index.columns ?? [undefined];
        if (columns.every((column) => column !== undefined && schema.isNotNull(table, column))) return undefined;
        return {
          why: `a column of ${usingIndex} may be NULL as far as the migrations tell: nobody reads or writes ${table} while every row is searched for it`,
          fix: 'make the columns NOT NULL first, by a validated check',
        };
      },
    },
  },
  {
    name: 'exclusion-constraint',
    harm: 'blocks',
    checks: {
      'add-constraint': ({ table, constraint: { kind } }, { schema }) =>
        kind !== 'exclusion' || schema.isNew(table)
          ? undefined
          : {
              why: `nobody reads or writes ${table} while the index of the constraint is built and every row is checked`,
              fix: 'create a new table with the constraint, write both, and backfill it in batches',
            },
    },
  },
];

function rewritten(table: string, reason: string, fix: string): Complaint {
  return { why: `the whole table ${table} is rewritten with nobody else at it: ${reason}`, fix };
}
