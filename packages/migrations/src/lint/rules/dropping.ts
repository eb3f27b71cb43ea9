import type { Constraint } from '../operations.ts';
import type { Complaint, Rule, RuleContext } from '../rule.ts';
import { later } from './phases.ts';
import { isRebuilt } from './rebuild.ts';

/** What the version that is still running uses is taken away. */
export const droppingRules: readonly Rule[] = [
  {
    name: 'drop-table',
    harm: 'breaks',
    checks: {
      'drop-table': ({ table }, { schema, all }) =>
        schema.isNew(table) || isRebuilt(table, all) ? undefined : dropping(`the table ${table}`),
    },
  },
  {
    name: 'drop-column',
    harm: 'breaks',
    checks: {
      'drop-column': ({ table, column }, { schema }) =>
        schema.isNewColumn(table, column) ? undefined : dropping(`the column ${table}.${column}`),
    },
  },
  {
    name: 'drop-default',
    harm: 'breaks',
    checks: {
      'drop-default': ({ table, column, implied }, { schema }) =>
        schema.isNewColumn(table, column) || (implied && (schema.column(table, column)?.default ?? 'none') === 'none')
          ? undefined
          : {
              why: `the version that is still running may leave ${table}.${column} to its default: its INSERT fails or writes NULL`,
              fix: `drop the default ${later}`,
            },
    },
  },
  {
    name: 'drop-not-null',
    harm: 'breaks',
    checks: {
      'drop-not-null': ({ table, column, implied }, { schema }) =>
        schema.isNewColumn(table, column) || (implied && schema.column(table, column)?.notNull !== true)
          ? undefined
          : {
              why: `the version that is still running does not expect NULL in ${table}.${column}`,
              fix: `give it a default that rows of the new version get meanwhile, and drop NOT NULL ${later}`,
            },
    },
  },
  {
    name: 'drop-unique',
    harm: 'breaks',
    checks: {
      'drop-index': ({ name, table }, { schema }) => {
        const known = schema.indexNamed(name);
        if (table !== undefined && isKey(schema.constraint(table, name))) return uniquenessDropped(table);
        return known?.index.unique === true && !schema.isNew(known.table) ? uniquenessDropped(known.table) : undefined;
      },
      'drop-constraint': ({ table, name }, { schema }) => {
        const known = schema.constraint(table, name);
        // Of a table that no migration made, only the name that PostgreSQL gives by itself tells.
        const isUnique = known === undefined ? /_p?key$/.test(name) : isKey(known);
        return isUnique && !schema.isNew(table) ? uniquenessDropped(table) : undefined;
      },
    },
  },
  {
    name: 'drop-object',
    harm: 'breaks',
    checks: {
      'drop-object': ({ object, name }, { all }) =>
        isReplaced(object, name, all) ? undefined : dropping(`the ${object} ${name}`),
    },
  },
  {
    name: 'revoke-access',
    harm: 'breaks',
    checks: {
      'revoke-access': ({ what }) => ({
        why: `the version that is still running may depend on it: ${what}`,
        fix: `take access away ${later}`,
      }),
    },
  },
  {
    name: 'truncate',
    harm: 'breaks',
    checks: {
      truncate: ({ tables }, { schema }) => {
        const old = tables.filter((table) => !schema.isNew(table));
        if (old.length === 0) return undefined;
        return {
          why: `the version that is still running loses the rows of ${old.join(', ')}, and waits meanwhile`,
          fix: `empty it ${later}, or delete rows in batches`,
        };
      },
    },
  },
];

function dropping(what: string): Complaint {
  return { why: `the version that is still running uses ${what}: it fails`, fix: `drop it ${later}` };
}

function uniquenessDropped(table: string): Complaint {
  return {
    why: `the version that is still running may rely on the key of ${table}, as in INSERT … ON CONFLICT: it fails`,
    fix: `drop it ${later}`,
  };
}

/** Nobody notices when a trigger or policy is replaced in one go. */
function isReplaced(object: string, name: string, all: RuleContext['all']): boolean {
  const isMade = all.some(({ operations }) =>
    operations.some((one) => one.kind === 'create-object' && one.object === object && one.name === name),
  );
  return isMade && (object === 'trigger' || object === 'policy');
}

function isKey(constraint: Constraint | undefined): boolean {
  return constraint?.kind === 'unique' || constraint?.kind === 'primary-key';
}
