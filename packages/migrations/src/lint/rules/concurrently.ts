import type { Complaint, Rule } from '../rule.ts';

function instead(what: string, blocked: string): Complaint {
  return { why: `${blocked} until it is done`, fix: `${what} CONCURRENTLY, in a file with -- transaction: off` };
}

/** What PostgreSQL also does beside readers and writers, but only when it is told to. */
export const concurrentRules: readonly Rule[] = [
  {
    name: 'index-without-concurrently',
    harm: 'blocks',
    checks: {
      'create-index': ({ table, concurrently }, { schema }) =>
        concurrently || schema.isNew(table) ? undefined : instead('CREATE INDEX', `nobody writes to ${table}`),
    },
  },
  {
    name: 'drop-index-without-concurrently',
    harm: 'blocks',
    checks: {
      'drop-index': ({ name, concurrently }, { schema }) => {
        const table = schema.indexNamed(name)?.table;
        if (concurrently || (table !== undefined && schema.isNew(table))) return undefined;
        return instead('DROP INDEX', 'nobody reads or writes the table, and whoever holds it is waited for,');
      },
    },
  },
  {
    name: 'reindex-without-concurrently',
    harm: 'blocks',
    checks: {
      reindex: ({ name, concurrently }) =>
        concurrently ? undefined : instead('REINDEX', `nobody writes to the table of ${name} or reads by the index`),
    },
  },
  {
    name: 'detach-without-concurrently',
    harm: 'blocks',
    checks: {
      'detach-partition': ({ table, concurrently }, { schema }) =>
        concurrently || schema.isNew(table)
          ? undefined
          : instead('DETACH PARTITION', `nobody reads or writes ${table}`),
    },
  },
  {
    name: 'refresh-without-concurrently',
    harm: 'blocks',
    checks: {
      'refresh-view': ({ name, concurrently }, { all }) =>
        concurrently || isCreated(name, all) ? undefined : instead('REFRESH MATERIALIZED VIEW', `nobody reads ${name}`),
    },
  },
  {
    name: 'unnamed-concurrent-index',
    harm: 'advice',
    checks: {
      'create-index': ({ index, concurrently }) =>
        concurrently && index.name === undefined
          ? {
              why: 'what is left of it when it fails cannot be told by its name, and another try builds one more',
              fix: 'give the index a name',
            }
          : undefined,
    },
  },
];

function isCreated(name: string, all: Parameters<NonNullable<Rule['statement']>>[0]['all']): boolean {
  return all.some(({ operations }) => operations.some((one) => one.kind === 'create-object' && one.name === name));
}
