import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import type { MigrationEvent, Migrations, MigrationsOptions, SqlDialect } from '../../src/index.ts';
import { alembicTable, flywayRow, flywayTable, prismaRow, prismaTable } from '../foreign-tables.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

interface AdoptScenario {
  open(options?: Partial<MigrationsOptions>): Migrations;
  rows(sql: string): Record<string, unknown>[] | Promise<Record<string, unknown>[]>;
}

type Create = (files: Readonly<Record<string, string>>) => Promise<AdoptScenario>;

/** Made by the other tool already, so that running the files again would fail. */
const existing = ['CREATE TABLE users (id INTEGER)', 'CREATE TABLE orders (id INTEGER)'];
const users = 'CREATE TABLE users (id INTEGER);';
const orders = 'CREATE TABLE orders (id INTEGER);';
const totals = 'CREATE TABLE totals (id INTEGER);';

async function prepare(scenario: AdoptScenario, statements: readonly string[]): Promise<AdoptScenario> {
  for (const sql of [...existing, ...statements]) await scenario.rows(sql);
  return scenario;
}

/** The history is told by a reader that makes no tables. */
async function recorded(scenario: AdoptScenario): Promise<unknown[]> {
  await using migrations = scenario.open();
  return (await migrations.status()).applied.map(({ name, adoptedFrom }) => [name, adoptedFrom]);
}

const inThisSchema =
  "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'maestro%' AND table_schema =";

const ownTables: Readonly<Record<SqlDialect, string>> = {
  postgresql: `${inThisSchema} current_schema()`,
  mysql: `${inThisSchema} DATABASE()`,
  sqlite: "SELECT name FROM sqlite_master WHERE name LIKE 'maestro%'",
};

function adopting(dialect: SqlDialect, create: Create) {
  it('from Alembic: what its revision stands for is recorded, once, and the rest is run', async () => {
    const files = {
      '0001_users.up.sql': `-- adopts: alembic 1a2b3c\n${users}`,
      '0002_orders.up.sql': `-- adopts: alembic 4d5e6f\n-- phase: contract\n${orders}`,
      '0003_totals.up.sql': totals,
    };
    const scenario = await prepare(await create(files), [
      alembicTable,
      "INSERT INTO alembic_version VALUES ('4d5e6f')",
    ]);
    const events: MigrationEvent[] = [];
    await using migrations = scenario.open({ onEvent: (event) => events.push(event) });
    const adopted = ['0001_users', '0002_orders'];
    const adoption = { from: 'alembic', found: ['4d5e6f'], adopted, known: [] };
    expect(await migrations.adopt({ from: 'alembic', dryRun: true })).toEqual(adoption);
    expect(await recorded(scenario)).toEqual([]);
    expect(events).toEqual([]);
    expect(await migrations.adopt({ from: 'alembic' })).toEqual(adoption);
    expect(events).toMatchObject(
      adopted.map((name) => ({ type: 'migration-adopted', service: 'api', name, from: 'alembic' })),
    );
    expect(await migrations.adopt({ from: 'alembic' })).toEqual({ ...adoption, adopted: [], known: adopted });

    expect((await migrations.run()).applied.map(({ name }) => name)).toEqual(['0003_totals']);
    expect(await recorded(scenario)).toEqual([
      ['0001_users', 'alembic'],
      ['0002_orders', 'alembic'],
      ['0003_totals', undefined],
    ]);
    const { applied } = await migrations.status();
    expect(applied[1]).toMatchObject({ phase: 'contract', durationMs: 0, by: expect.stringContaining('@') as string });
    expect(await migrations.adopt({ from: 'alembic' })).toMatchObject({ adopted: [], known: adopted });
    expect(await scenario.rows('SELECT * FROM alembic_version')).toMatchObject([{ version_num: '4d5e6f' }]);
  });

  it('from Flyway: what failed or has no file is refused by its name, and nothing is recorded', async () => {
    const files = { '0001_users.up.sql': users, '0002_orders.up.sql': orders, '0003_totals.up.sql': totals };
    const scenario = await prepare(await create(files), [
      flywayTable(dialect),
      flywayRow({ rank: 1, version: '1', description: 'users' }),
      flywayRow({ rank: 2, version: '9', description: 'undone' }),
      flywayRow({ rank: 3, version: '9', description: 'undone', type: 'UNDO_SQL' }),
      flywayRow({ rank: 4, version: null, description: 'views', type: 'SQL' }),
      flywayRow({ rank: 5, version: '2.0', description: 'Orders' }),
      flywayRow({ rank: 6, version: '3', description: 'other' }),
      flywayRow({ rank: 7, version: '4', description: 'half', success: false }),
    ]);
    await using migrations = scenario.open();
    await expect(migrations.adopt({ from: 'flyway' })).rejects.toMatchObject({
      code: 'MIGRATIONS_ADOPTION_REFUSED',
      details: {
        reasons: [
          "Flyway's 4 (half) has failed",
          'no file stands for flyway 3 (other)',
          'no file stands for flyway 4 (half)',
        ],
      },
    });
    expect(await scenario.rows(ownTables[dialect])).toEqual([]);
    await scenario.rows('DELETE FROM flyway_schema_history WHERE installed_rank > 5');
    expect(await migrations.adopt({ from: 'flyway' })).toEqual({
      from: 'flyway',
      found: ['1 (users)', '2.0 (Orders)'],
      adopted: ['0001_users', '0002_orders'],
      known: [],
    });
    expect((await migrations.status()).pending).toEqual(['0003_totals']);
  });

  it('from a baseline of Flyway in a table of another name', async () => {
    const scenario = await prepare(await create({ '0001_users.up.sql': users, '0003_totals.up.sql': totals }), [
      flywayTable(dialect).replaceAll('flyway_schema_history', 'schema_version'),
      flywayRow({ rank: 1, version: '2', description: 'base', type: 'BASELINE' }).replace(
        'flyway_schema_history',
        'schema_version',
      ),
    ]);
    await using migrations = scenario.open();
    await expect(migrations.adopt({ from: 'flyway' })).rejects.toMatchObject({
      code: 'MIGRATIONS_NOTHING_TO_ADOPT',
      message: 'api: there is no table flyway_schema_history',
    });
    expect(await migrations.adopt({ from: 'flyway', table: 'schema_version' })).toMatchObject({
      found: ['everything up to 2'],
      adopted: ['0001_users'],
    });
  });

  it('from Prisma: what was rolled back counts for nothing, what failed is refused', async () => {
    const files = {
      '20230101120000_users.up.sql': users,
      '20230202120000_orders.up.sql': orders,
      '20230303120000_totals.up.sql': totals,
    };
    const scenario = await prepare(await create(files), [
      prismaTable(dialect),
      prismaRow({ id: 'a', name: '20230101120000_users', finished: false, rolledBack: true }),
      prismaRow({ id: 'b', name: '20230101120000_users' }),
      prismaRow({ id: 'c', name: '20230202120000_orders' }),
      prismaRow({ id: 'd', name: '20230303120000_totals', finished: false }),
    ]);
    await using migrations = scenario.open();
    await expect(migrations.adopt({ from: 'prisma' })).rejects.toMatchObject({
      code: 'MIGRATIONS_ADOPTION_REFUSED',
      details: { reasons: ["Prisma's 20230303120000_totals has failed, or goes on"] },
    });
    await scenario.rows("UPDATE _prisma_migrations SET rolled_back_at = '2026-01-01 11:00:00' WHERE id = 'd'");
    const { adopted } = await migrations.adopt({ from: 'prisma' });
    expect(adopted).toEqual(['20230101120000_users', '20230202120000_orders']);
    expect((await migrations.run()).applied.map(({ name }) => name)).toEqual(['20230303120000_totals']);
    expect(await scenario.rows('SELECT COUNT(*) AS n FROM _prisma_migrations')).toMatchObject([
      { n: dialect === 'postgresql' ? '4' : 4 },
    ]);
  });

  it('from a plain schema, by several at once: each is recorded once', async () => {
    const files = { '0001_users.up.sql': users, '0002_orders.up.sql': orders, '0003_totals.up.sql': totals };
    const scenario = await prepare(await create(files), []);
    const adoptions = await Promise.all(
      Array.from({ length: 4 }, async () => {
        await using migrations = scenario.open();
        return await migrations.adopt({ from: 'plain', upTo: '0002_orders' });
      }),
    );
    expect(adoptions.flatMap(({ adopted }) => adopted)).toEqual(['0001_users', '0002_orders']);
    expect(await recorded(scenario)).toEqual([
      ['0001_users', 'plain'],
      ['0002_orders', 'plain'],
    ]);
  });

  it('is refused where migrations were run already', async () => {
    const scenario = await create({ '0001_users.up.sql': users, '0002_orders.up.sql': orders });
    await using migrations = scenario.open();
    await migrations.run({ to: '0001_users' });
    await expect(migrations.adopt({ from: 'plain', upTo: '0002_orders' })).rejects.toMatchObject({
      code: 'MIGRATIONS_ADOPTION_REFUSED',
    });
    expect(await recorded(scenario)).toEqual([['0001_users', undefined]]);
  });
}

describe('an SQLite database is adopted', () => {
  adopting('sqlite', (files) => SqliteScenario.create(files));
});

describeWith('a PostgreSQL database is adopted', ['postgresql'], (parts) => {
  adopting('postgresql', (files) => PostgresqlScenario.create(parts().postgresql.url, files));

  it('with a table in another schema', async () => {
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, { '0001_users.up.sql': users });
    const other = `${scenario.schema}_tool`;
    await scenario.rows(
      `CREATE SCHEMA ${other}; ${alembicTable.replace('alembic_version', `${other}.alembic_version`)}`,
    );
    await scenario.rows(`INSERT INTO ${other}.alembic_version VALUES ('1a2b3c')`);
    await scenario.write('0001_users.up.sql', `-- adopts: alembic 1a2b3c\n${users}`);
    await using migrations = scenario.open();
    const { adopted } = await migrations.adopt({ from: 'alembic', table: `${other}.alembic_version` });
    expect(adopted).toEqual(['0001_users']);
  });
});

describeWith('a MariaDB database is adopted', ['mariadb'], (parts) => {
  adopting('mysql', (files) => MysqlScenario.create(parts().mariadb.url, files));
});
