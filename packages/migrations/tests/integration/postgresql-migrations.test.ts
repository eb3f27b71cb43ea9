import { messageOf, Redacted, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import type { MigrationEvent } from '../../src/index.ts';
import { postgresqlDatabase } from '../../src/postgresql.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';

describeWith('migrations on PostgreSQL', ['postgresql'], (parts) => {
  const create = (files: Readonly<Record<string, string>>) => PostgresqlScenario.create(parts().postgresql.url, files);
  const typesOf = (events: readonly MigrationEvent[]) => events.map(({ type }) => type);

  describe('a script', () => {
    it('runs whole, with bodies and texts that hold semicolons, and back', async () => {
      const scenario = await create({
        '0001_notes.up.sql': `
          CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, text text);
          CREATE FUNCTION shout(note text) RETURNS text LANGUAGE plpgsql AS $body$
            BEGIN RETURN upper(note) || '; $$'; END;
          $body$;
          CREATE FUNCTION twice(n int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN n > 0 THEN 2 * n END; END;
          INSERT INTO notes (text) VALUES ('a;b'), (E'it\\'s; c'), (shout('d')), (twice(4)::text);`,
        '0001_notes.down.sql': 'DROP TABLE notes; DROP FUNCTION shout; DROP FUNCTION twice;',
      });
      await using migrations = scenario.open();
      await migrations.run();
      const notes = await scenario.rows('SELECT text FROM notes ORDER BY id');
      expect(notes.map(({ text }) => text)).toEqual(['a;b', "it's; c", 'D; $$', '8']);
      await migrations.rollback({ steps: 1 });
      expect(await scenario.tables()).toEqual([]);
    });

    it('leaves nothing when a statement fails, or a constraint that is checked at the end', async () => {
      const scenario = await create({ '0001_a.up.sql': 'CREATE TABLE a (id int);\n\nINSERT INTO b VALUES (1);' });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_FAILED',
        message: `api: ${scenario.folder}/0001_a.up.sql:3: relation "b" does not exist`,
        hint: 'nothing of this migration was kept: correct the file and run again',
      });
      await scenario.write(
        '0001_a.up.sql',
        'CREATE TABLE a (id int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO a VALUES (1), (1);',
      );
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
      expect(await scenario.tables()).toEqual([]);
      expect(await migrations.status()).toMatchObject({ applied: [], pending: ['0001_a'], unfinished: [] });
    });

    it('is given up after its statement timeout', async () => {
      const scenario = await create({ '0001_a.up.sql': '-- statement-timeout: 50ms\nSELECT pg_sleep(20);' });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toThrow('canceling statement due to statement timeout');
    });

    it('reads texts as standard SQL has them, also where the role has it otherwise', async () => {
      const scenario = await create({
        '0001_a.up.sql': "CREATE TABLE a AS SELECT 'C:\\' AS path, 'x;' AS other;",
        '0002_b.up.sql': "INSERT INTO a VALUES ('D:\\', 'y');",
      });
      const url = new URL(scenario.url);
      url.searchParams.set('options', '-c standard_conforming_strings=off -c escape_string_warning=off');
      await using migrations = scenario.open({ database: scenario.database({ url: url.href }) });
      await migrations.run();
      expect(await scenario.rows('SELECT path FROM a ORDER BY path')).toEqual([{ path: 'C:\\' }, { path: 'D:\\' }]);
    });

    it('leaves no settings, roles or temporary tables to the next one', async () => {
      const scenario = await create({
        '0001_a.up.sql': "SET search_path = pg_catalog; SET ROLE pg_monitor; SET lock_timeout = '1h';",
        '0002_b.up.sql': 'CREATE TABLE b (id int); CREATE TEMP TABLE t (id int);',
        '0003_c.up.sql': `CREATE TABLE c AS SELECT current_user::text AS name, current_setting('lock_timeout') AS wait;
          CREATE TEMP TABLE t (id int);`,
      });
      await using migrations = scenario.open();
      await migrations.run();
      expect(await scenario.rows('SELECT name, wait FROM c')).toEqual([{ name: 'postgres', wait: '2s' }]);
      expect(await scenario.tables()).toEqual(['b', 'c']);
    });

    it.each([
      ['0001_a.up.sql', '-- transaction: off\nCREATE TABLE a (id int);\nSET ROLE pg_monitor;'],
      [
        '0001_a.mjs',
        `export const transaction = false;
         export async function up({ db }) { await db.execute('CREATE TABLE a (id int); SET ROLE pg_monitor'); }`,
      ],
    ])('keeps its history as itself where %s takes on a role without a transaction', async (file, text) => {
      const scenario = await create({ [file]: text });
      await using migrations = scenario.open();
      await migrations.run();
      expect(await migrations.status()).toMatchObject({ applied: [{ name: '0001_a' }], unfinished: [] });
    });

    it('keeps its history where a migration changes the search path in its own transaction', async () => {
      const scenario = await create({ '0001_a.up.sql': "SELECT pg_catalog.set_config('search_path', '', false);" });
      await using migrations = scenario.open();
      await migrations.run();
      expect((await migrations.status()).applied).toMatchObject([{ name: '0001_a', phase: 'expand' }]);
    });
  });

  describe('a module', () => {
    const up = (body: string) => `export async function up({ db }) { ${body} }`;

    it('reads and writes in its transaction, with parameters', async () => {
      const scenario = await create({
        '0001_a.mjs': up(`
          await db.execute('CREATE TABLE t (id int, text text, data bytea, n bigint)');
          await db.execute('INSERT INTO t VALUES ($1, $2, $3, $4)', 1, "it's", new Uint8Array([1, 2]), 2n ** 60n);
          const [{ count }] = await db.query('SELECT count(*)::int AS count FROM t WHERE id >= $1', 1);
          await db.execute('INSERT INTO t (id) VALUES ($1)', count + 1);`),
      });
      await using migrations = scenario.open();
      await migrations.run();
      expect(await scenario.rows('SELECT id, text, data, n FROM t ORDER BY id')).toEqual([
        { id: 1, text: "it's", data: Buffer.from([1, 2]), n: String(2n ** 60n) },
        { id: 2, text: null, data: null, n: null },
      ]);
    });

    it('that passes over an error is refused: the server has undone everything', async () => {
      const scenario = await create({
        '0001_a.mjs': up(
          "await db.execute('CREATE TABLE a (id int)'); await db.query('SELECT 1 / 0').catch(() => {});",
        ),
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
      expect(await migrations.status()).toMatchObject({ applied: [], pending: ['0001_a'] });
    });

    it('that forgets to wait for a call is waited for, and fails with it', async () => {
      const scenario = await create({ '0001_a.mjs': up("db.execute('CREATE TABLE a (id int)');") });
      await using migrations = scenario.open();
      await migrations.run();
      expect(await scenario.tables()).toEqual(['a']);
      await scenario.write('0002_b.mjs', up("db.execute('CREATE TABLE a (id int)');"));
      await expect(migrations.run()).rejects.toThrow('relation "a" already exists');
    });

    it('never shows the value of a parameter in an error', async () => {
      const scenario = await create({
        '0001_a.mjs': up("await db.execute('CREATE TABLE a (id int)'); await db.query('SELECT $1::int', 'hunter2');"),
      });
      await using migrations = scenario.open();
      const failure: unknown = await migrations.run().catch((error: unknown) => error);
      // The server itself quotes what cannot be a number: that much cannot be kept from it.
      expect(messageOf(failure)).toContain('invalid input syntax for type integer');
      expect(JSON.stringify((failure as { details?: unknown }).details)).not.toContain('hunter2');
    });
  });

  describe('without a transaction', () => {
    const off = (sql: string) => `-- transaction: off\n${sql}`;

    it('goes on after the last statement that was done, as long as those have not changed', async () => {
      const scenario = await create({
        '0001_a.up.sql': off('CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (1);'),
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_FAILED',
        hint: '2 of its 3 statements were kept: correct the ones after them and run again',
        details: { done: 2, total: 3, line: 4 },
      });
      const unfinished = [{ name: '0001_a', direction: 'up', done: 2, total: 3, unknown: null }];
      expect(await migrations.status()).toMatchObject({ pending: ['0001_a'], unfinished });
      await scenario.write('0001_a.up.sql', off('CREATE TABLE a (id bigint); INSERT INTO a VALUES (1);'));
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_DRIFTED' });
      await scenario.write(
        '0001_a.up.sql',
        off('CREATE TABLE a\n(id int); /* same */ INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)'),
      );
      await migrations.run();
      expect(await scenario.rows('SELECT id FROM a ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    });

    it('goes on in a transaction when it may, and then leaves nothing unfinished', async () => {
      const scenario = await create({
        '0001_a.up.sql': off('CREATE TABLE a (id int);\nINSERT INTO nowhere VALUES (1);'),
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
      await scenario.write('0001_a.up.sql', 'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);');
      await migrations.run();
      expect(await migrations.status()).toMatchObject({ applied: [{ name: '0001_a' }], unfinished: [] });
    });

    it('runs what refuses a transaction: VACUUM, and procedures that commit', async () => {
      const scenario = await create({
        '0001_a.up.sql': off(`CREATE TABLE a (id int);
          CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a VALUES (1); COMMIT; END $$;
          CALL fill();
          VACUUM a;`),
      });
      await using migrations = scenario.open();
      await migrations.run();
      expect(await scenario.rows('SELECT id FROM a')).toEqual([{ id: 1 }]);
      expect((await migrations.status()).unfinished).toEqual([]);
    });

    it('does not know what became of a procedure that was cut off, until somebody says so', async () => {
      const scenario = await create({
        '0001_a.up.sql': off(`CREATE TABLE a (id int);
          CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a VALUES (1); COMMIT; PERFORM pg_sleep(30); END $$;
          CALL fill();
          INSERT INTO a VALUES (2);`),
      });
      const cutOff = async () => {
        await until(
          async () => (await scenario.tables()).includes('a') && (await scenario.rows('SELECT * FROM a')).length > 0,
        );
        await terminateOnce(scenario, 'CALL fill');
      };
      await using migrations = scenario.open();
      await Promise.all([
        expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_CONNECTION_LOST' }),
        cutOff(),
      ]);
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_UNKNOWN',
        details: { name: '0001_a', done: 2, total: 4 },
      });
      await expect(migrations.repair({ applied: '0009_z' })).rejects.toMatchObject({
        code: 'MIGRATIONS_NOTHING_TO_REPAIR',
      });
      await migrations.repair({ applied: '0001_a' });
      await migrations.run();
      expect(await scenario.rows('SELECT id FROM a ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    });
  });

  it('tells the loss of its connection in the middle of a statement, and keeps nothing of it', async () => {
    const scenario = await create({ '0001_a.up.sql': 'CREATE TABLE a (id int);\nSELECT pg_sleep(30);' });
    await using migrations = scenario.open();
    const lost = { code: 'MIGRATIONS_CONNECTION_LOST', retryable: true, details: { service: 'api', name: '0001_a' } };
    await Promise.all([expect(migrations.run()).rejects.toMatchObject(lost), terminateOnce(scenario, 'pg_sleep')]);
    expect(await scenario.tables()).toEqual([]);
    await scenario.write('0001_a.up.sql', 'CREATE TABLE a (id int);');
    expect((await migrations.run()).applied).toHaveLength(1);
  });

  it('cancels the statement that runs when it is aborted', async () => {
    const scenario = await create({ '0001_a.up.sql': 'CREATE TABLE a (id int);\nSELECT pg_sleep(30);' });
    const stop = new AbortController();
    await using migrations = scenario.open();
    const run = expect(migrations.run({ signal: stop.signal })).rejects.toThrow('enough');
    await whileRunning(scenario, 'pg_sleep');
    stop.abort(new Error('enough'));
    await run;
    expect(await scenario.tables()).toEqual([]);
    expect(await running(scenario, 'pg_sleep')).toEqual([]);
    expect(typesOf(scenario.events).at(-1)).toBe('migration-failed');
  });

  it('connects by fields, and shows the password nowhere', async () => {
    const url = new URL(parts().postgresql.url);
    const database = postgresqlDatabase({
      host: url.hostname,
      port: Number(url.port),
      user: 'postgres',
      password: new Redacted('hunter2'),
      database: url.pathname.slice(1),
    });
    expect(await database.history('api')).toEqual({ applied: [], unfinished: [] });
    await database.close();
    const wrong = postgresqlDatabase({ url: new Redacted(`postgres://postgres:hunter2@127.0.0.1:1/none`) });
    const failure: unknown = await wrong.history('api').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MIGRATIONS_DATABASE_FAILED' });
    expect(JSON.stringify(failure) + messageOf(failure) + wrong.location).not.toContain('hunter2');
  });
});

async function running(scenario: PostgresqlScenario, query: string): Promise<Record<string, unknown>[]> {
  return scenario.rows(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'maestro-migrations' AND state = 'active'
     AND query LIKE '%${query}%' AND datname = current_database()`,
  );
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(20);
}

async function whileRunning(scenario: PostgresqlScenario, query: string): Promise<number> {
  for (;;) {
    const [found] = await running(scenario, query);
    if (found !== undefined) return Number(found.pid);
    await systemClock.sleep(20);
  }
}

/** As the server does when it is shut down. */
async function terminateOnce(scenario: PostgresqlScenario, query: string): Promise<void> {
  const pid = await whileRunning(scenario, query);
  await scenario.rows(`SELECT pg_terminate_backend(${pid})`);
}
