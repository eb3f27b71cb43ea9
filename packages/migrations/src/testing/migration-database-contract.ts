import assert from 'node:assert/strict';

import type { ContractCase } from '@maestro/core/testing';

import type { HistoryRow, MigrationDatabase, MigrationTransaction } from '../ports/migration-database.ts';

/** Two connections to one database that is new for each case. */
export interface TwoConnections {
  readonly one: MigrationDatabase;
  readonly other: MigrationDatabase;
}

/** What every MigrationDatabase promises. */
export function migrationDatabaseContract(connect: () => Promise<TwoConnections>): ContractCase[] {
  const onNewDatabase = (name: string, run: (connections: TwoConnections) => Promise<void>): ContractCase => ({
    name,
    async run() {
      const connections = await connect();
      try {
        await run(connections);
      } finally {
        await connections.one.close();
        await connections.other.close();
      }
    },
  });

  return [
    onNewDatabase('a new database has an empty history', async ({ one }) => {
      assert.deepEqual(await one.history('api'), []);
    }),

    onNewDatabase('a committed row is in the history of its service only, unchanged', async ({ one, other }) => {
      await committed(one, (transaction) => transaction.record('api', row('0001_users')));
      assert.deepEqual(await other.history('api'), [row('0001_users')]);
      assert.deepEqual(await other.history('web'), []);
    }),

    onNewDatabase('history is in the order recorded, not in the order of names', async ({ one }) => {
      await committed(one, (transaction) => transaction.record('api', row('0003_late')));
      await committed(one, (transaction) => transaction.record('api', row('0002_early')));
      assert.deepEqual(await namesIn(one), ['0003_late', '0002_early']);
    }),

    onNewDatabase('nobody sees a row before it is committed, except the transaction', async ({ one, other }) => {
      const transaction = await one.begin();
      await transaction.record('api', row('0001_users'));
      assert.equal((await transaction.history('api')).length, 1);
      assert.deepEqual(await namesIn(one), []);
      assert.deepEqual(await namesIn(other), []);
      await transaction.commit();
      assert.deepEqual(await namesIn(other), ['0001_users']);
    }),

    onNewDatabase('a rollback keeps nothing, and may be repeated', async ({ one }) => {
      const transaction = await one.begin();
      await transaction.execute('CREATE TABLE users (id INTEGER)');
      await transaction.record('api', row('0001_users'));
      await transaction.rollback();
      await transaction.rollback();
      assert.deepEqual(await namesIn(one), []);
      await committed(one, (again) => again.execute('CREATE TABLE users (id INTEGER)'));
    }),

    onNewDatabase('a rollback after the commit changes nothing', async ({ one }) => {
      const transaction = await one.begin();
      await transaction.record('api', row('0001_users'));
      await transaction.commit();
      await transaction.rollback();
      assert.deepEqual(await namesIn(one), ['0001_users']);
    }),

    onNewDatabase('a forgotten row is gone, from its service only', async ({ one }) => {
      await committed(one, async (transaction) => {
        await transaction.record('api', row('0001_users'));
        await transaction.record('web', row('0001_users'));
      });
      await committed(one, (transaction) => transaction.forget('api', '0001_users'));
      assert.deepEqual(await namesIn(one), []);
      assert.equal((await one.history('web')).length, 1);
    }),

    onNewDatabase('a name is recorded once for each service', async ({ one }) => {
      const transaction = await one.begin();
      await transaction.record('api', row('0001_users'));
      await assert.rejects(transaction.record('api', row('0001_users')));
    }),

    onNewDatabase('while a transaction is open no other one begins, on either connection', async ({ one, other }) => {
      const transaction = await one.begin();
      const locked = { code: 'MIGRATIONS_LOCKED', retryable: true };
      await assert.rejects(other.begin(), locked);
      await assert.rejects(one.begin(), locked);
      await transaction.rollback();
      await committed(other, (next) => next.record('api', row('0001_users')));
    }),

    onNewDatabase('a statement that fails rejects, and the transaction can still be rolled back', async ({ one }) => {
      const transaction = await one.begin();
      await assert.rejects(transaction.execute('this is no statement'), Error);
      await transaction.rollback();
      await (await one.begin()).rollback();
    }),

    onNewDatabase('a transaction that has ended runs nothing more', async ({ one }) => {
      const transaction = await one.begin();
      await transaction.commit();
      await assert.rejects(transaction.execute('CREATE TABLE users (id INTEGER)'));
      assert.throws(() => {
        transaction.db.execute('CREATE TABLE users (id INTEGER)');
      });
      await assert.rejects(transaction.commit());
    }),

    onNewDatabase('closing ends an open transaction and keeps nothing of it', async ({ one, other }) => {
      const transaction = await one.begin();
      await transaction.record('api', row('0001_users'));
      await one.close();
      assert.deepEqual(await namesIn(other), []);
      await (await other.begin()).rollback();
    }),

    onNewDatabase('an aborted signal stops before anything is opened', async ({ one, other }) => {
      const signal = AbortSignal.abort(new Error('stopped'));
      await assert.rejects(async () => one.begin(signal), /stopped/);
      await assert.rejects(async () => one.history('api', signal), /stopped/);
      await (await other.begin()).rollback();
    }),
  ];
}

async function committed(database: MigrationDatabase, work: (transaction: MigrationTransaction) => Promise<void>) {
  const transaction = await database.begin();
  await work(transaction);
  await transaction.commit();
}

async function namesIn(database: MigrationDatabase): Promise<string[]> {
  return (await database.history('api')).map(({ name }) => name);
}

function row(name: string): HistoryRow {
  return { name, checksum: 'c0ffee', at: '2026-01-01T00:00:00.000Z', durationMs: 12, by: 'anna@laptop', version: 1 };
}
