import type { Column } from '../operations.ts';
import type { Complaint, Harm, Rule } from '../rule.ts';
import { isWidening } from './widening.ts';

/** What the version that is still running writes is refused, or read as something else. */
export const requiringRules: readonly Rule[] = [
  {
    name: 'change-type',
    harm: 'breaks',
    checks: {
      'change-type': ({ table, column, type }, { schema, dialect }) => {
        const known = schema.column(table, column)?.type;
        if (schema.isNewColumn(table, column) || isWidening(dialect, known, type)) return undefined;
        return {
          why: `the version that is still running reads and writes ${table}.${column} in its old type`,
          fix: `add a column of type ${type.name}, write both, backfill it, and drop ${column} in the phase contract`,
        };
      },
    },
  },
  {
    name: 'new-not-null',
    harm: 'breaks',
    checks: {
      'set-not-null': ({ table, column }, { schema }) =>
        schema.isNewColumn(table, column) || schema.isNotNull(table, column)
          ? undefined
          : {
              why: `the version that is still running may write NULL to ${table}.${column}: it fails`,
              fix: `require it in a file of the phase contract, when every live version writes it`,
            },
    },
  },
  {
    name: 'new-constraint',
    harm: 'breaks',
    checks: {
      'add-constraint': ({ table, constraint, withColumn }, { schema }) => {
        const { kind, enforced, columns } = constraint;
        if (kind === 'unique' || kind === 'primary-key' || !enforced || withColumn) return undefined;
        if (columns.length > 0 && columns.every((column) => schema.isNewColumn(table, column))) return undefined;
        return schema.isNew(table) ? undefined : newRequirement(table, 'the new constraint');
      },
      'define-domain': ({ name, isNew }) =>
        isNew ? undefined : newRequirement(`tables with ${name}`, 'the new constraint'),
    },
  },
  {
    name: 'new-unique',
    harm: 'breaks',
    checks: {
      'add-constraint': ({ table, constraint: { kind, columns, usingIndex } }, { schema }) => {
        const isKey = kind === 'unique' || kind === 'primary-key';
        if (!isKey || usingIndex !== undefined || columns.every((column) => schema.isNewColumn(table, column)))
          return undefined;
        return newRequirement(table, 'the new key');
      },
      'create-index': ({ table, index: { unique, columns } }, { schema }) => {
        const isKnown = columns.some((column) => column === undefined || !schema.isNewColumn(table, column));
        return unique && isKnown && !schema.isNew(table) ? newRequirement(table, 'the unique index') : undefined;
      },
    },
  },
];

/** On PostgreSQL and SQLite it also fails by itself where there are rows; MySQL makes up a value. */
export function requiredColumn(harm: Harm): Rule {
  return {
    name: 'required-column',
    harm,
    checks: {
      'add-column': ({ table, added }, { schema }) =>
        schema.isNew(table) || !isRequired(added)
          ? undefined
          : {
              why: `rows of ${table} have no value for ${added.name}, nor has an INSERT of the version that is still running: they fail`,
              fix: 'give it a constant DEFAULT, or add it without NOT NULL and require it in the phase contract',
            },
    },
  };
}

function isRequired({ notNull, default: value, numbering, generated }: Column): boolean {
  return notNull && value === 'none' && numbering === 'none' && generated === 'none';
}

function newRequirement(table: string, what: string): Complaint {
  return {
    why: `the version that is still running may write rows to ${table} that ${what} refuses: it fails`,
    fix: 'move it to a file of the phase contract, when every live version keeps to it',
  };
}
