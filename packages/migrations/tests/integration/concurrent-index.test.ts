import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { PostgresqlScenario } from '../postgresql-scenario.ts';

const build = '-- transaction: off\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_mail ON users (mail);';

describeWith('an index that is built concurrently', ['postgresql'], (parts) => {
  const create = async () => {
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, { '0001_index.up.sql': build });
    await scenario.rows("CREATE TABLE users (mail text); INSERT INTO users VALUES ('a'), ('a')");
    return scenario;
  };

  it('leaves nothing when the build fails, and is there once its cause is gone', async () => {
    const scenario = await create();
    await using migrations = scenario.open();
    await expect(migrations.run()).rejects.toThrow('could not create unique index "users_mail"');
    expect(await scenario.invalidIndexes()).toEqual([]);
    expect((await migrations.status()).unfinished).toEqual([]);
    await scenario.rows('DELETE FROM users');
    await migrations.run();
    expect(await scenario.invalidIndexes()).toEqual([]);
    expect(await indexes(scenario)).toEqual(['users_mail']);
  });

  it('is built anew where somebody left an invalid one, which IF NOT EXISTS would take for it', async () => {
    const scenario = await create();
    await expect(scenario.rows('CREATE UNIQUE INDEX CONCURRENTLY users_mail ON users (mail)')).rejects.toThrow();
    expect(await scenario.invalidIndexes()).toEqual(['users_mail']);
    await scenario.rows('DELETE FROM users');
    await using migrations = scenario.open();
    await migrations.run();
    expect(await scenario.invalidIndexes()).toEqual([]);
    expect(await indexes(scenario)).toEqual(['users_mail']);
  });

  it('waits for an open transaction for longer than a lock timeout, and is then valid', async () => {
    const scenario = await create();
    await scenario.rows('DELETE FROM users');
    await scenario.write('0001_index.up.sql', `-- lock-timeout: 100ms\n${build}`);
    await using old = await scenario.connect();
    await old.query("BEGIN; INSERT INTO users VALUES ('b')");
    await using migrations = scenario.open();
    const run = migrations.run();
    await systemClock.sleep(1000);
    await old.query('COMMIT');
    expect((await run).applied).toHaveLength(1);
    expect(await scenario.invalidIndexes()).toEqual([]);
  });

  it('is refused in a transaction, and without a name', async () => {
    const scenario = await create();
    await using migrations = scenario.open();
    await scenario.write('0001_index.up.sql', 'CREATE INDEX CONCURRENTLY i ON users (mail);');
    await expect(migrations.run()).rejects.toThrow("write '-- transaction: off' on the first line");
    await scenario.write('0001_index.up.sql', '-- transaction: off\nCREATE INDEX CONCURRENTLY ON users (mail);');
    await expect(migrations.run()).rejects.toThrow('0001_index.up.sql: line 2: the index needs a name');
  });
});

async function indexes(scenario: PostgresqlScenario): Promise<unknown[]> {
  const rows = await scenario.rows(
    `SELECT indexname FROM pg_indexes WHERE schemaname = '${scenario.schema}' AND tablename = 'users'`,
  );
  return rows.map(({ indexname }) => indexname);
}
