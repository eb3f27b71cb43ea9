import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { dumpSchema, type MigrationEvent } from '../../src/index.ts';
import { postgresqlDatabase } from '../../src/postgresql.ts';
import { parseScript } from '../../src/sql/statements.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';
import {
  mariadbOnly,
  mysqlSchema,
  postgresqlSchema,
  severalSchemas,
  someOfMariadb,
  someOfPostgresql,
  sqliteSchema,
} from '../schema-dump/schemas.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

interface Dumped {
  database(): ReturnType<SqliteScenario['database']>;
}

async function dumpOf(scenario: Dumped): Promise<string> {
  const database = scenario.database();
  try {
    return await dumpSchema({ database });
  } finally {
    await database.close();
  }
}

describeWith('the schema of a PostgreSQL database', ['postgresql'], (parts) => {
  it('is made anew from its text in another schema, which then has the same text', async () => {
    const { url } = parts().postgresql;
    const [from, to] = [await PostgresqlScenario.create(url), await PostgresqlScenario.create(url)];
    await from.rows(postgresqlSchema);
    const text = await dumpOf(from);
    for (const statement of someOfPostgresql) expect(text).toContain(`\n\n${statement}\n`);
    await to.rows(text);
    expect(await dumpOf(to)).toBe(text);
    expect(text).not.toContain(from.schema);
  });

  it('is made anew in another database with all its schemas', async () => {
    const text = await dumpOf(await databaseWith(severalSchemas));
    expect(await dumpOf(await databaseWith(text))).toBe(text);
    expect(text).toContain('CREATE TABLE audit.log (');
    expect(text).toContain('CREATE TABLE here (');
  });

  it('does not depend on how the session shows values', async () => {
    const { url } = await databaseWith(
      "CREATE TABLE t (at timestamptz DEFAULT '2020-01-01 00:00Z', i interval DEFAULT '1 day')",
    );
    const elsewhere = new URL(url);
    elsewhere.searchParams.set('options', '-c TimeZone=Asia/Tokyo -c DateStyle=German -c IntervalStyle=iso_8601');
    const there = { database: () => postgresqlDatabase({ url: elsewhere.href }) };
    expect(await dumpOf(there)).toBe(await dumpOf({ database: () => postgresqlDatabase({ url }) }));
  });

  it("makes what the server's own views show as the same", async () => {
    const text = await dumpOf(await databaseWith(postgresqlSchema));
    const again = await databaseWith(text);
    expect(await tablesAndColumns(again.url)).toEqual(
      await tablesAndColumns((await databaseWith(postgresqlSchema)).url),
    );
  });

  it('marks indexes that are not valid, and names what it leaves out', async () => {
    const scenario = await PostgresqlScenario.create(parts().postgresql.url);
    await scenario.rows('CREATE TABLE t (id integer); INSERT INTO t VALUES (1), (1)');
    await expect(scenario.rows('CREATE UNIQUE INDEX CONCURRENTLY broken ON t (id)')).rejects.toThrow();
    await scenario.rows(`CREATE POLICY mine ON t USING (true); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
      CREATE TYPE span AS RANGE (SUBTYPE = float8); CREATE STATISTICS more (dependencies) ON id, (id + 1) FROM t`);
    const text = await dumpOf(scenario);
    expect(text).toContain(
      '-- Invalid, left by a build that did not come to its end:\n-- CREATE UNIQUE INDEX broken ON t',
    );
    expect(text).toMatch(
      /-- Left out:\n-- {3}policy mine on t\n-- {3}row level security on t\n-- {3}statistics more\n-- {3}type span\n$/,
    );
  });

  async function databaseWith(sql: string) {
    const suite = new URL(parts().postgresql.url);
    const name = `${suite.pathname.slice(1)}_${(databases += 1)}`;
    await execute(suite.href, `CREATE DATABASE ${name}`);
    suite.pathname = `/${name}`;
    const url = suite.href;
    await execute(url, sql);
    return { url, database: () => postgresqlDatabase({ url }) };
  }
  let databases = 0;
});

describeWith('the schema of a MariaDB database', ['mariadb'], (parts) => {
  it('is made anew from its text in another database, which then has the same text', async () => {
    const { url } = parts().mariadb;
    const [from, to] = [await MysqlScenario.create(url), await MysqlScenario.create(url)];
    await applyAll(from, mysqlSchema + mariadbOnly);
    const text = await dumpOf(from);
    for (const statement of someOfMariadb) expect(text).toContain(`\n\n${statement}\n`);
    await applyAll(to, text);
    expect(await dumpOf(to)).toBe(text);
    expect(text).toContain('DEFAULT nextval(`numbers`),');
    expect(text).toMatch(/COMMENT='orders, AUTO_INCREMENT=5';/);
    expect(text).not.toContain('4711');
    expect(text).not.toContain(new URL(from.url).pathname.slice(1));
  });

  it('does not change with its rows, and names what it leaves out', async () => {
    const scenario = await MysqlScenario.create(parts().mariadb.url);
    await applyAll(scenario, mysqlSchema);
    const before = await dumpOf(scenario);
    await scenario.rows("INSERT INTO z_owner (name) VALUES ('three')");
    expect(await dumpOf(scenario)).toBe(before);
    await scenario.rows('CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO SELECT 1');
    expect(await dumpOf(scenario)).toBe(`${before}\n-- Left out:\n--   event nightly\n`);
  });
});

describe('the schema of an SQLite database', () => {
  it('is made anew from its text in another file, which then has the same text', async () => {
    const [from, to] = [await SqliteScenario.create(), await SqliteScenario.create()];
    from.connect().exec(sqliteSchema);
    const text = await dumpOf(from);
    expect(text).toContain("  twice REAL AS (sum * 2) STORED, note TEXT DEFAULT 'it''s') WITHOUT ROWID;");
    expect(text).not.toMatch(/words_data|sqlite_/);
    to.connect().exec(text);
    expect(await dumpOf(to)).toBe(text);
  });

  it('is empty for a file that is not there, and does not make it', async () => {
    const scenario = await SqliteScenario.create();
    expect(await dumpOf(scenario)).not.toContain('CREATE');
    await expect(stat(scenario.file)).rejects.toThrow('ENOENT');
  });
});

describe('the dump after a run', () => {
  it('is written when the schema changed, and otherwise left alone', async () => {
    const scenario = await SqliteScenario.create({
      '0001_a.up.sql': 'CREATE TABLE a (id);',
      '0001_a.down.sql': 'DROP TABLE a;',
    });
    const file = join(scenario.folder, '..', 'db', 'schema.sql');
    const dumps: MigrationEvent[] = [];
    const onEvent = (event: MigrationEvent) => {
      if (event.type === 'schema-dumped') dumps.push(event);
    };
    await using migrations = scenario.open({ dump: { file }, onEvent });
    await migrations.run();
    expect(await readFile(file, 'utf8')).toBe(await dumpOf(scenario));
    expect(await readFile(file, 'utf8')).toContain('CREATE TABLE a (id);');
    const { mtimeNs, ino } = await stat(file, { bigint: true });
    await migrations.run();
    expect(await stat(file, { bigint: true })).toMatchObject({ mtimeNs, ino });
    await migrations.rollback({ steps: 1 });
    expect(await readFile(file, 'utf8')).not.toContain('CREATE TABLE a');
    const dumped = { type: 'schema-dumped', service: 'api', file };
    expect(dumps).toMatchObject([
      { ...dumped, changed: true },
      { ...dumped, changed: false },
      { ...dumped, changed: true },
    ]);
  });

  it('is not written after a run that failed, and says so when it cannot be written', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    await writeFile(join(scenario.folder, '..', 'taken'), '');
    const file = join(scenario.folder, '..', 'taken', 'schema.sql');
    await using migrations = scenario.open({ dump: { file } });
    await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_DUMP_FAILED', details: { file } });
    expect((await migrations.status()).applied).toHaveLength(1);
    await scenario.write('0002_b.up.sql', 'no statement');
    const good = join(scenario.folder, '..', 'schema.sql');
    await using again = scenario.open({ dump: { file: good } });
    await expect(again.run()).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
    await expect(stat(good)).rejects.toThrow('ENOENT');
  });
});

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function applyAll(scenario: MysqlScenario, sql: string): Promise<void> {
  await using connection = await scenario.connect();
  for (const statement of parseScript(sql, 'mysql').statements) await connection.query(statement.sql);
}

/** By the server's own views, which know nothing of the description. */
async function tablesAndColumns(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const columns = await client.query(
      `SELECT table_name, column_name, data_type, is_nullable, column_default, generation_expression, identity_start,
         character_maximum_length, numeric_precision, numeric_scale, collation_name, domain_name, udt_name
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
    );
    const constraints = await client.query(
      `SELECT conrelid::regclass AS t, conname, contype, convalidated, condeferrable, confdeltype FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname`,
    );
    const indexes = await client.query("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef");
    const triggers = await client.query(
      'SELECT tgname, tgenabled, tgtype FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1',
    );
    return [columns.rows, constraints.rows, indexes.rows, triggers.rows];
  } finally {
    await client.end();
  }
}
