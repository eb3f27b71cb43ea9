import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openMigrations } from '@maestro/migrations';
import { postgresqlDatabase } from '@maestro/migrations/postgresql';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { Umzug } from 'umzug';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { Place } from './place.ts';
import { requireResult } from './require-result.ts';

export interface Runs {
  readonly ours: () => Promise<number>;
  readonly umzug: () => Promise<number>;
  readonly nodePgMigrate: () => Promise<number>;
}

/**
 * Every migration on a new database, by each of the three from the same files. Ours is the only one with checksums;
 * umzug has no lock and no transactions, either.
 */
export async function thousand(place: Place, context: Context): Promise<void> {
  const { count, rounds } = context.quick ? { count: 200, rounds: 4 } : { count: 1_000, rounds: 10 };
  const { ours, umzug, nodePgMigrate } = await prepareRuns(place, { count });
  const figure = { unit: 'ms', rounds, ours, bar: { of: 'ratio', atMost: 1.1 } } as const;
  await context.pair({ ...figure, name: `${count} migrations`, peer: { name: 'umzug', measure: umzug } });
  await context.pair({
    ...figure,
    name: `${count} migrations, once more`,
    peer: { name: 'node-pg-migrate', measure: nodePgMigrate },
  });
}

export async function prepareRuns(place: Place, { count }: { readonly count: number }): Promise<Runs> {
  const folder = await place.write('thousand', new Map(Array.from({ length: count }, (_, index) => migration(index))));
  const onNewDatabase = (run: (url: string) => Promise<unknown>) => async () => {
    const [url = ''] = await place.freshDatabases(1);
    const took = await elapsedMs(() => run(url));
    requireResult(await countTables(url), Math.ceil(count / 4), 'tables are there');
    return took;
  };
  return {
    ours: onNewDatabase(async (url) => {
      await using migrations = openMigrations({ service: 'bench', folder, database: postgresqlDatabase({ url }) });
      await migrations.run({ signal: place.signal });
    }),
    umzug: onNewDatabase((url) => runPlainUmzug(url, folder)),
    nodePgMigrate: onNewDatabase((url) =>
      runner({
        databaseUrl: url,
        dir: folder,
        direction: 'up',
        migrationsTable: 'pgmigrations',
        // Each in a transaction of its own, as ours.
        singleTransaction: false,
        logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      }),
    ),
  };
}

/** A table, then two changes of it and a row: what migrations mostly do. */
function migration(index: number): [file: string, sql: string] {
  const table = `orders_${Math.floor(index / 4)}`;
  const [name = '', sql = ''] =
    [
      ['create', `CREATE TABLE ${table} (id bigint PRIMARY KEY, customer text NOT NULL)`],
      ['add', `ALTER TABLE ${table} ADD COLUMN total numeric`],
      ['index', `CREATE INDEX ${table}_customer ON ${table} (customer)`],
      ['insert', `INSERT INTO ${table} (id, customer) VALUES (1, 'Ada')`],
    ][index % 4] ?? [];
  return [`${String(index + 1).padStart(4, '0')}_${name}.up.sql`, `${sql};\n`];
}

/** As its documentation has it: a file is a query, and a table holds the names of those that ran. */
async function runPlainUmzug(url: string, folder: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE TABLE umzug (name text PRIMARY KEY)');
    const umzug = new Umzug({
      migrations: {
        glob: join(folder, '*.up.sql'),
        resolve: ({ name, path = '' }) => ({
          name,
          up: async () => {
            await client.query(await readFile(path, 'utf8'));
          },
        }),
      },
      storage: {
        executed: async () =>
          (await client.query<{ name: string }>('SELECT name FROM umzug')).rows.map(({ name }) => name),
        logMigration: async ({ name }) => {
          await client.query('INSERT INTO umzug (name) VALUES ($1)', [name]);
        },
        unlogMigration: async ({ name }) => {
          await client.query('DELETE FROM umzug WHERE name = $1', [name]);
        },
      },
      logger: undefined,
    });
    await umzug.up();
  } finally {
    await client.end();
  }
}

async function countTables(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>(
      "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'orders%'",
    );
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}
