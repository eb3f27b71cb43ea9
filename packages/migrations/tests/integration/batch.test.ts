import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import pg from 'pg';
import { describe, expect, it } from 'vitest';

import {
  type BatchDatabase,
  type BatchEvent,
  type MigrationBatchOptions,
  openMigrationBatch,
} from '../../src/index.ts';
import { postgresqlDatabase } from '../../src/postgresql.ts';
import { sqliteDatabase } from '../../src/sqlite.ts';

const count = 100;
const inTheWay = [7, 42, 99];
const concurrency = 8;
const timeout = 300_000;

const names = Array.from({ length: count }, (_, index) => `shop-${String(index).padStart(3, '0')}`);
const failing = inTheWay.map((index) => names[index] ?? '');

/** One of a hundred databases of the same migrations. */
interface Shop {
  readonly name: string;
  readonly open: BatchDatabase['open'];
  /** Runs SQL on a connection of its own; the rows of a query. */
  readonly rows: (sql: string) => Promise<Record<string, unknown>[]>;
}

async function migrationsFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-batch-'));
  await writeFile(join(folder, '0001_users.up.sql'), 'CREATE TABLE users (id INTEGER PRIMARY KEY);');
  await writeFile(join(folder, '0002_orders.up.sql'), 'CREATE TABLE orders (id INTEGER PRIMARY KEY);');
  await writeFile(join(folder, '0003_seed.up.sql'), 'INSERT INTO users VALUES (1);');
  return folder;
}

function batchOf(shops: readonly Shop[], folder: string, options: Partial<MigrationBatchOptions> = {}) {
  const databases = shops.map(({ name, open }) => ({ name, service: 'shop', folder, open }));
  return openMigrationBatch({ databases, concurrency, ...options });
}

const history = "SELECT name, applied_at FROM maestro_migrations WHERE service = 'shop' ORDER BY sequence";

async function histories(shops: readonly Shop[]) {
  const read: [string, Record<string, unknown>[]][] = [];
  for (const { name, rows } of shops) read.push([name, await rows(history)]);
  return new Map(read);
}

/** Three fail in the middle; the others are done, and the next run touches those three alone. */
async function expectOnlyWhatIsLeft(shops: readonly Shop[]) {
  const folder = await migrationsFolder();
  const blocked = shops.filter(({ name }) => failing.includes(name));
  for (const { rows } of blocked) await rows('CREATE TABLE orders (id INTEGER)');

  const first = await batchOf(shops, folder).run();
  expect(first.databases.map(({ name }) => name)).toEqual(names);
  const ofOutcome = (wanted: string) => first.databases.filter(({ outcome }) => outcome === wanted);
  expect(ofOutcome('done')).toHaveLength(count - failing.length);
  expect(ofOutcome('done').every(({ applied }) => applied.length === 3)).toBe(true);
  expect(ofOutcome('failed')).toMatchObject(
    failing.map((name) => {
      const error = { code: 'MIGRATIONS_FAILED', message: expect.stringContaining('0002_orders.up.sql:1') as string };
      return { name, applied: ['0001_users'], error };
    }),
  );
  const before = await histories(shops);

  for (const { rows } of blocked) await rows('DROP TABLE orders');
  const events: BatchEvent[] = [];
  const second = await batchOf(shops, folder, { onEvent: (event) => events.push(event) }).run();
  expect(second.databases.filter(({ applied }) => applied.length > 0)).toEqual(
    failing.map((name) => ({ name, outcome: 'done', applied: ['0002_orders', '0003_seed'] })),
  );
  const about = (type: BatchEvent['type']) =>
    events.filter((event) => event.type === type).map(({ database }) => database);
  expect(new Set(about('database-checked'))).toEqual(new Set(names));
  expect(about('database-started').toSorted()).toEqual(failing);
  expect(new Set(about('migration-started'))).toEqual(new Set(failing));
  for (const [name, rows] of await histories(shops)) {
    expect(rows.map((row) => row.name)).toEqual(['0001_users', '0002_orders', '0003_seed']);
    if (!failing.includes(name)) expect(rows).toEqual(before.get(name));
  }
}

/** One that nobody reaches, one whose history is of other files: none is touched. */
async function expectNoneTouched(shops: readonly Shop[], unreachable: BatchDatabase['open']) {
  const folder = await migrationsFolder();
  const some = shops.slice(0, 10);
  await batchOf(some.slice(3, 4), folder).run();
  await writeFile(join(folder, '0002_orders.up.sql'), 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);');
  const withOneGone = some.map((shop, index) => (index === 5 ? { ...shop, open: unreachable } : shop));
  const events: BatchEvent[] = [];
  const run = batchOf(withOneGone, folder, { onEvent: (event) => events.push(event) }).run();
  await expect(run).rejects.toMatchObject({
    code: 'MIGRATIONS_BATCH_REFUSED',
    details: {
      databases: [
        { name: 'shop-003', error: { code: 'MIGRATIONS_DRIFTED' } },
        { name: 'shop-005', error: { code: 'MIGRATIONS_DATABASE_FAILED' } },
      ],
    },
  });
  expect(events.map(({ type }) => type)).not.toContain('database-started');
  for (const { name, rows } of some) {
    if (name !== 'shop-003') await expect(rows('SELECT id FROM users')).rejects.toThrow();
  }
}

describe(`${count} SQLite databases`, () => {
  it('of which three fail', { timeout }, async () => {
    await expectOnlyWhatIsLeft(await sqliteShops());
  });

  it('of which two cannot be migrated', { timeout }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-batch-gone-'));
    await expectNoneTouched(await sqliteShops(), () => sqliteDatabase({ file: folder }));
  });

  async function sqliteShops(): Promise<Shop[]> {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-batch-data-'));
    return names.map((name) => {
      const file = join(folder, `${name}.db`);
      const rows = (sql: string) =>
        new Promise<Record<string, unknown>[]>((resolve) => {
          const connection = new DatabaseSync(file);
          try {
            resolve(connection.prepare(sql).all());
          } finally {
            connection.close();
          }
        });
      return { name, open: () => sqliteDatabase({ file }), rows };
    });
  }
});

describeWith(`${count} PostgreSQL databases`, ['postgresql'], (parts) => {
  it('of which three fail, with no more connections than are allowed', { timeout }, async () => {
    const shops = await postgresqlShops(count);
    await using counter = await connectionCounter(parts().postgresql.url);
    await expectOnlyWhatIsLeft(shops);
    // A runner has one connection; one more may still be closing.
    expect(counter.most()).toBeLessThanOrEqual(2 * concurrency);
    expect(counter.most()).toBeGreaterThan(1);
  });

  it('of which two cannot be migrated', { timeout }, async () => {
    const url = new URL(parts().postgresql.url);
    url.pathname = `${url.pathname}_gone`;
    await expectNoneTouched(await postgresqlShops(10), () => postgresqlDatabase({ url: url.href }));
  });

  let made = 0;
  async function postgresqlShops(howMany: number): Promise<Shop[]> {
    const suite = new URL(parts().postgresql.url);
    const shops: Shop[] = [];
    for (const name of names.slice(0, howMany)) {
      const database = `${suite.pathname.slice(1)}_${(made += 1)}`;
      await query(suite.href, `CREATE DATABASE ${database}`);
      const url = new URL(suite);
      url.pathname = `/${database}`;
      shops.push({ name, open: () => postgresqlDatabase({ url: url.href }), rows: (sql) => query(url.href, sql) });
    }
    return shops;
  }
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Looks again and again how many connections the runners have. */
async function connectionCounter(url: string): Promise<AsyncDisposable & { most(): number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const ours = `SELECT count(*)::integer AS count FROM pg_stat_activity
    WHERE application_name = 'maestro-migrations' AND datname LIKE '${new URL(url).pathname.slice(1)}%'`;
  const state = { most: 0, isOver: false };
  const counting = (async () => {
    while (!state.isOver) {
      const { rows } = await client.query<{ readonly count: number }>(ours);
      state.most = Math.max(state.most, rows[0]?.count ?? 0);
      await systemClock.sleep(10);
    }
  })();
  return {
    most: () => state.most,
    [Symbol.asyncDispose]: async () => {
      state.isOver = true;
      await counting;
      await client.end();
    },
  };
}
