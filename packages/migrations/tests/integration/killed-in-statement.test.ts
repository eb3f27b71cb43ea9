import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { poll, systemClock } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';
import { runner, start } from '../processes.ts';

const timeout = 120_000;

/** Kills a runner once the server is at work on its statement. */
async function killWhile(child: ChildProcess, isAtWork: () => Promise<boolean>): Promise<void> {
  const closed = once(child, 'close');
  const { accepted } = await poll({
    probe: isAtWork,
    accept: (answer) => answer,
    intervalMs: 20,
    deadlineMs: 60_000,
    clock: systemClock,
  });
  child.kill('SIGKILL');
  await closed;
  recordFaults({
    promised: 'a migration runs once',
    fault: 'runner killed (SIGKILL) while the server is at work on its statement',
    times: 1,
    checked: { migrations: 1 },
    wrong: { 'records that are not true': 0 },
  });
  expect(accepted).toBe(true);
}

describeWith('a runner that is killed while the server is at work for it', ['postgresql', 'mariadb'], (parts) => {
  /** Whether a statement of a runner is going on. */
  const atWork = async (scenario: PostgresqlScenario, text: string) => {
    const [found] = await scenario.rows(
      `SELECT count(*)::integer AS count FROM pg_stat_activity
       WHERE application_name = 'maestro-migrations' AND datname = current_database()
       AND state = 'active' AND query LIKE '%${text}%'`,
    );
    return Number(found?.count) > 0;
  };

  it(
    'leaves nothing on PostgreSQL, and lets the next one in although the statement would go on',
    { timeout },
    async () => {
      const sleep = 'CREATE TABLE a (id int);\nSELECT pg_sleep(600);';
      const scenario = await PostgresqlScenario.create(parts().postgresql.url, { '0001_a.up.sql': sleep });
      await killWhile(start(runner, scenario), () => atWork(scenario, 'pg_sleep(600)'));
      await scenario.write('0001_a.up.sql', 'CREATE TABLE a (id int);');
      await using migrations = scenario.open();
      expect((await migrations.run()).applied).toHaveLength(1);
      expect(await scenario.tables()).toEqual(['a']);
    },
  );

  it('leaves no invalid index on PostgreSQL: the next one builds it anew', { timeout }, async () => {
    const build = '-- transaction: off\nCREATE INDEX CONCURRENTLY IF NOT EXISTS users_mail ON users (mail);';
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, { '0001_index.up.sql': build });
    await scenario.rows('CREATE TABLE users (mail text)');
    await using old = await scenario.connect();
    await old.query("BEGIN; INSERT INTO users VALUES ('a')");
    // The build waits for the transaction; its index is there and invalid.
    await killWhile(start(runner, scenario), async () => (await scenario.invalidIndexes()).length > 0);
    await using migrations = scenario.open();
    const run = migrations.run();
    await old.query('COMMIT');
    expect((await run).applied).toHaveLength(1);
    expect(await scenario.invalidIndexes()).toEqual([]);
    expect(await migrations.status()).toMatchObject({ pending: [], unfinished: [] });
  });

  it(
    'leaves one statement unknown on MariaDB, of which the next one hears once it has ended',
    { timeout },
    async () => {
      const scenario = await MysqlScenario.create(parts().mariadb.url, {
        '0001_a.up.sql': 'CREATE TABLE a (id INT);\nCREATE TABLE b AS SELECT SLEEP(3) AS id;\nCREATE TABLE c (id INT);',
      });
      await killWhile(start(runner, scenario), async () => {
        const at = `db = '${new URL(scenario.url).pathname.slice(1)}' AND info LIKE '%SLEEP(3) AS id'`;
        const [found] = await scenario.rows(`SELECT count(*) AS n FROM information_schema.processlist WHERE ${at}`);
        return Number(found?.n) > 0;
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_UNKNOWN',
        details: { name: '0001_a', done: 1, total: 3 },
      });
      const isDone = (await scenario.tables()).includes('b');
      await migrations.repair(isDone ? { applied: '0001_a' } : { retry: '0001_a' });
      await migrations.run();
      expect(await scenario.tables()).toEqual(['a', 'b', 'c']);
    },
  );
});
