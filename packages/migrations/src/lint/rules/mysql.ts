import type { Rule, RuleContext } from '../rule.ts';
import { isOnline } from './online.ts';

export const mysqlRules: readonly Rule[] = [
  {
    name: 'online-not-stated',
    harm: 'blocks',
    statement: (context) => {
      const { online } = context.statement;
      if (online === undefined || isOnline(context.statement) || !changesTableInUse(context)) return undefined;
      if (online.algorithm === 'COPY' || isBlockingLock(online.lock)) return undefined;
      return {
        why: 'the server may fall back to copying the table, with writers waiting, and does not say so',
        fix: 'state ALGORITHM=INSTANT, or ALGORITHM=INPLACE, LOCK=NONE: where that cannot be, it fails at once',
      };
    },
  },
  {
    name: 'copy-algorithm',
    harm: 'blocks',
    statement: (context) =>
      context.statement.online?.algorithm === 'COPY' && changesTableInUse(context)
        ? { why: 'nobody writes to the table while it is copied', fix: 'state ALGORITHM=INPLACE, LOCK=NONE instead' }
        : undefined,
  },
  {
    name: 'blocking-lock',
    harm: 'blocks',
    statement: (context) => {
      const lock = context.statement.online?.lock;
      if (!isBlockingLock(lock) || !changesTableInUse(context)) return undefined;
      const blocked = lock === 'SHARED' ? 'writes to' : 'reads or writes';
      return { why: `nobody ${blocked} the table until it is done`, fix: 'state LOCK=NONE instead' };
    },
  },
  {
    name: 'constraint-checks-rows',
    harm: 'blocks',
    checks: {
      'add-constraint': ({ table, constraint: { kind, validated } }, { schema, foreignKeyChecks }) => {
        if (!validated || schema.isNew(table)) return undefined;
        if (kind === 'check') {
          return {
            why: `nobody writes to ${table} while every row is checked`,
            fix: 'check it in the services, or at a time with few writers: -- lint: allow constraint-checks-rows because …',
          };
        }
        if (kind !== 'foreign-key' || !foreignKeyChecks) return undefined;
        return {
          why: `nobody writes to ${table} or the table it refers to while every row is checked`,
          fix: 'when all rows are known to be valid: SET SESSION foreign_key_checks = 0 before, = 1 after, and ALGORITHM=INPLACE, LOCK=NONE',
        };
      },
    },
  },
  {
    name: 'several-ddl',
    harm: 'advice',
    statement: ({ statement, all, index }) =>
      statement.isDdl && all.findIndex(({ isDdl }) => isDdl) < index
        ? {
            why: 'each of them is committed by itself: when one fails, those before it stay',
            fix: 'one change of the schema a migration',
          }
        : undefined,
  },
  {
    name: 'mixed-ddl-dml',
    harm: 'advice',
    statement: ({ statement, all }) => {
      const writes = statement.operations.some(({ kind }) => kind === 'write');
      return writes && all.some(({ isDdl }) => isDdl)
        ? {
            why: 'a change of the schema commits what was written before it: neither is undone when the other fails',
            fix: 'write rows in a migration of their own',
          }
        : undefined;
    },
  },
];

function isBlockingLock(lock: string | undefined): boolean {
  return lock === 'SHARED' || lock === 'EXCLUSIVE';
}

function changesTableInUse({ statement, schema }: RuleContext): boolean {
  return statement.operations.some((one) => 'table' in one && one.table !== undefined && !schema.isNew(one.table));
}
