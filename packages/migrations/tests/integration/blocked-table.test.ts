import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import type { Migrations } from '../../src/index.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';

const timeout = 60_000;
const blockedForMs = 4000;
const lockTimeoutMs = 1000;

interface Blocker {
  readonly migrations: Migrations;
  /** Ends the transaction that holds the table. */
  readonly release: () => Promise<unknown>;
  /** As the service that is running. */
  readonly read: () => Promise<unknown>;
}

/** A long transaction has read the table, a migration wants to change it, and a service goes on reading it. */
async function longestRead({ migrations, release, read }: Blocker): Promise<number> {
  const run = migrations.run();
  const state = { isOver: false };
  const over = run.finally(() => {
    state.isOver = true;
  });
  const start = systemClock.monotonic();
  let longestMs = 0;
  let isReleased = false;
  while (!state.isOver) {
    const before = systemClock.monotonic();
    await read();
    longestMs = Math.max(longestMs, systemClock.monotonic() - before);
    if (!isReleased && systemClock.monotonic() - start > blockedForMs) {
      isReleased = true;
      await release();
    }
    await systemClock.sleep(5);
  }
  await over;
  expect(systemClock.monotonic() - start).toBeGreaterThan(blockedForMs);
  return longestMs;
}

describeWith('a table that a long transaction holds', ['postgresql', 'mariadb'], (parts) => {
  const change = `-- lock-timeout: ${lockTimeoutMs}ms\nALTER TABLE orders ADD COLUMN note text;`;

  it('is waited for in short tries on PostgreSQL, so that readers wait no longer than one', { timeout }, async () => {
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, { '0001_note.up.sql': change });
    await scenario.rows('CREATE TABLE orders (id int)');
    await using blocker = await scenario.connect();
    await blocker.query('BEGIN; SELECT * FROM orders');
    await using service = await scenario.connect();
    await using migrations = scenario.open();
    const longestMs = await longestRead({
      migrations,
      release: () => blocker.query('COMMIT'),
      read: () => service.query('SELECT count(*) FROM orders'),
    });
    expect(longestMs).toBeLessThan(lockTimeoutMs + 1000);
    expect(scenario.events.filter(({ type }) => type === 'waiting-for-lock')).toHaveLength(1);
    expect(scenario.events.at(-1)).toMatchObject({ type: 'migration-applied' });
  });

  it('is waited for in short tries on MariaDB, so that readers wait no longer than one', { timeout }, async () => {
    const scenario = await MysqlScenario.create(parts().mariadb.url, { '0001_note.up.sql': change });
    await scenario.rows('CREATE TABLE orders (id int)');
    await using blocker = await scenario.connect();
    await blocker.query('START TRANSACTION');
    await blocker.query('SELECT * FROM orders');
    await using service = await scenario.connect();
    await using migrations = scenario.open();
    const longestMs = await longestRead({
      migrations,
      release: () => blocker.query('COMMIT'),
      read: () => service.query('SELECT count(*) FROM orders'),
    });
    expect(longestMs).toBeLessThan(lockTimeoutMs + 1000);
    expect(await migrations.status()).toMatchObject({ pending: [], unfinished: [] });
  });

  it('is given up in the end, with nothing kept', { timeout }, async () => {
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, {
      '0001_note.up.sql': `-- lock-timeout: 50ms\nCREATE TABLE first (id int);\nALTER TABLE orders ADD COLUMN note text;`,
    });
    await scenario.rows('CREATE TABLE orders (id int)');
    await using blocker = await scenario.connect();
    await blocker.query('BEGIN; SELECT * FROM orders');
    await using migrations = scenario.open({ lockDeadlineMs: 300 });
    await expect(migrations.run()).rejects.toMatchObject({
      code: 'MIGRATIONS_LOCKED',
      retryable: true,
      details: { service: 'api', waitedMs: 300 },
    });
    await blocker.query('COMMIT');
    expect(await scenario.tables()).toEqual(['orders']);
  });
});
