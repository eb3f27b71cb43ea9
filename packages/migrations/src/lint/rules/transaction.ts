import type { Rule } from '../rule.ts';
import { scannedTable } from './locks.ts';

/** What depends on how a migration is run, and on what stands before it in the file. */
export const transactionRules: readonly Rule[] = [
  {
    name: 'not-in-transaction',
    harm: 'fails',
    statement: ({ statement: { notInTransaction }, directives }) =>
      notInTransaction === undefined || !directives.transaction
        ? undefined
        : {
            why: `the database refuses ${notInTransaction} in a transaction, and this migration runs in one`,
            fix: 'move it to a file of its own that starts with: -- transaction: off',
          },
  },
  {
    name: 'transaction-control',
    harm: 'fails',
    checks: {
      'transaction-control': ({ verb }) => ({
        why: `${verb} would end the transaction that also records the migration`,
        fix: 'leave it out: every migration has a transaction of its own, unless it starts with: -- transaction: off',
      }),
    },
  },
  {
    name: 'timeout-off',
    harm: 'blocks',
    checks: {
      'set-setting': ({ name, value }) =>
        /^(lock_timeout|lock_wait_timeout|innodb_lock_wait_timeout)$/.test(name) && isUnlimited(value)
          ? {
              why: 'a statement that waits for a lock without a limit makes everybody behind it wait as long',
              fix: 'leave it out, the wait is short by default; or state one: -- lock-timeout: 2s',
            }
          : undefined,
    },
  },
];

/** On PostgreSQL locks are kept until the transaction ends. */
export const heldLockRules: readonly Rule[] = [
  {
    name: 'statement-under-lock',
    harm: 'blocks',
    statement: ({ statement, directives, locked, schema, dialect }) => {
      const isLong = statement.takesLong || statement.operations.some((one) => scannedTable(one, schema, dialect));
      if (locked.size === 0 || !directives.transaction || !isLong) return undefined;
      const tables = [...locked].join(', ');
      return {
        why: `nobody reads or writes ${tables} while this runs, for the lock is kept until the migration ends`,
        fix: 'move it to a migration of its own',
      };
    },
  },
  {
    name: 'repeated-scan',
    harm: 'blocks',
    statement: ({ statement, scanned, schema, dialect }) => {
      const again = statement.operations
        .map((one) => (one.kind === 'create-index' ? undefined : scannedTable(one, schema, dialect)))
        .find((table) => table !== undefined && scanned.has(table));
      return again === undefined
        ? undefined
        : { why: `${again} is read from end to end once more`, fix: `say it in one ALTER TABLE ${again}, with commas` };
    },
  },
];

function isUnlimited(value: string | undefined): boolean {
  return value === undefined || /^0\s*[a-z]*$/.test(value);
}
