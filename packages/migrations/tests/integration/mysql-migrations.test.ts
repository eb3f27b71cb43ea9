import { messageOf, Redacted, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { takeLease } from '../../src/adapters/mysql/run-lock.ts';
import { MysqlConnection } from '../../src/adapters/mysql/mysql-connection.ts';
import { mysqlDatabase } from '../../src/mysql.ts';
import { MysqlScenario } from '../mysql-scenario.ts';

describeWith('migrations on MariaDB', ['mariadb'], (parts) => {
  const create = (files: Readonly<Record<string, string>>) => MysqlScenario.create(parts().mariadb.url, files);

  describe('a script', () => {
    it('runs whole, with triggers, procedures and texts that hold semicolons, and back', async () => {
      const scenario = await create({
        '0001_notes.up.sql': `
          CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(100)) /*!40100 DEFAULT CHARSET utf8mb4 */;
          CREATE TABLE log (text VARCHAR(100)); # of the trigger
          CREATE DEFINER = CURRENT_USER TRIGGER logged AFTER INSERT ON notes FOR EACH ROW BEGIN
            IF new.id > 1 THEN INSERT INTO log VALUES (CASE WHEN new.id > 2 THEN 'more' ELSE 'second; two' END); END IF;
          END;
          CREATE PROCEDURE fill(n INT) BEGIN
            WHILE n > 0 DO INSERT INTO notes (text) VALUES (IF(n > 1, 'it\\'s;', '5 --4')); SET n = n - 1; END WHILE;
          END;
          CALL fill(3);
          INSERT INTO notes (text) VALUES (5--4);`,
        '0001_notes.down.sql': 'DROP PROCEDURE fill; DROP TABLE notes, log;',
      });
      await using migrations = scenario.open();
      await migrations.run();
      const notes = await scenario.rows('SELECT text FROM notes ORDER BY id');
      expect(notes.map(({ text }) => text)).toEqual(["it's;", "it's;", '5 --4', '9']);
      const log = await scenario.rows('SELECT text FROM log');
      expect(log.map(({ text }) => text)).toEqual(['second; two', 'more', 'more']);
      await migrations.rollback({ steps: 1 });
      expect(await scenario.tables()).toEqual([]);
    });

    it('goes on after the last statement that was done, as long as those have not changed', async () => {
      const scenario = await create({
        '0001_a.up.sql': 'CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (1);',
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_FAILED',
        hint: '2 of its 3 statements were kept: correct the ones after them and run again',
        details: { done: 2, total: 3, line: 3 },
      });
      await scenario.write('0001_a.up.sql', 'CREATE TABLE a (id INT);\nINSERT INTO a VALUES (2);');
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_DRIFTED', details: { done: 2 } });
      await scenario.write(
        '0001_a.up.sql',
        'CREATE TABLE a (id INT);INSERT INTO a VALUES (1);INSERT INTO a VALUES (2);',
      );
      await migrations.run();
      expect(await scenario.rows('SELECT id FROM a ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
      expect(await migrations.status()).toMatchObject({ pending: [], unfinished: [] });
    });

    it('is reverted statement by statement too', async () => {
      const scenario = await create({
        '0001_a.up.sql': 'CREATE TABLE a (id INT); CREATE TABLE b (id INT);',
        '0001_a.down.sql': 'DROP TABLE b; DROP TABLE nowhere;',
        '0002_c.up.sql': 'CREATE TABLE c (id INT);',
      });
      await using migrations = scenario.open();
      await migrations.run({ to: '0001_a' });
      await expect(migrations.rollback({ steps: 1 })).rejects.toMatchObject({ code: 'MIGRATIONS_FAILED' });
      const unfinished = [{ name: '0001_a', direction: 'down', done: 1, total: 2, unknown: null }];
      expect(await migrations.status()).toMatchObject({ applied: [{ name: '0001_a' }], unfinished });
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_UNFINISHED' });
      await scenario.write('0001_a.down.sql', 'DROP TABLE b; DROP TABLE a;');
      expect(await migrations.rollback({ steps: 1 })).toEqual({ reverted: ['0001_a'] });
      expect(await scenario.tables()).toEqual([]);
    });

    it('leaves no settings to the next one, and is read by the same rules on every server', async () => {
      const scenario = await create({
        '0001_a.up.sql': `SET SESSION sql_mode = 'ANSI_QUOTES'; SET foreign_key_checks = 0; SET NAMES latin1;`,
        '0002_b.up.sql': `CREATE TABLE b AS SELECT @@SESSION.foreign_key_checks AS checks, "it's \\"b\\"" AS text,
          @@SESSION.character_set_client AS charset, @@SESSION.lock_wait_timeout AS wait;`,
      });
      await using migrations = scenario.open();
      await migrations.run();
      expect(await scenario.rows('SELECT * FROM b')).toEqual([
        { checks: 1, text: 'it\'s "b"', charset: 'utf8mb4', wait: 2 },
      ]);
    });

    it.each([
      ['DELIMITER //\nCREATE TABLE a (id INT)//', 'line 1: DELIMITER is not allowed'],
      ['USE other;', 'line 1: USE is not allowed'],
      ['LOCK TABLES a WRITE;', 'line 1: LOCK is not allowed'],
      ['START TRANSACTION;', 'line 1: START is not allowed'],
      ['SET autocommit = 0;', 'line 1: SET is not allowed'],
    ])('%j is refused before anything is touched', async (sql, message) => {
      const scenario = await create({ '0001_a.up.sql': 'CREATE TABLE a (id INT);', '0002_b.up.sql': sql });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toThrow(message);
      expect(await scenario.tables()).toEqual([]);
    });

    it('is given up after its statement timeout', async () => {
      const scenario = await create({ '0001_a.up.sql': '-- statement-timeout: 100ms\nSELECT SLEEP(20);' });
      await using migrations = scenario.open();
      const start = systemClock.monotonic();
      // The server takes a SLEEP that is interrupted for one that has come to its end.
      await migrations.run().catch((error: unknown) => {
        expect(messageOf(error)).toContain('it took longer than 100 ms');
      });
      expect(systemClock.monotonic() - start).toBeLessThan(15_000);
    });
  });

  describe('a module', () => {
    const up = (body: string) => `export async function up({ db }) { ${body} }`;

    it('that changes rows only leaves nothing when it fails', async () => {
      const scenario = await create({
        '0001_a.up.sql': 'CREATE TABLE a (id INT, text VARCHAR(20), data BLOB);',
        '0002_b.mjs': up("await db.execute('INSERT INTO a (id) VALUES (?)', 1); throw new Error('no');"),
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_FAILED',
        hint: 'nothing of this migration was kept: correct the file and run again',
      });
      expect(await scenario.rows('SELECT * FROM a')).toEqual([]);
      await scenario.write(
        '0002_b.mjs',
        up(`await db.execute('INSERT INTO a VALUES (?, ?, ?)', 1, "it's", new Uint8Array([1, 2]));
          const [{ n }] = await db.query('SELECT count(*) AS n FROM a WHERE id >= ?', 1);
          await db.execute('INSERT INTO a VALUES (?, ?, ?)', n + 1, null, null);`),
      );
      await migrations.run();
      expect(await scenario.rows('SELECT * FROM a ORDER BY id')).toEqual([
        { id: 1, text: "it's", data: Buffer.from([1, 2]) },
        { id: 2, text: null, data: null },
      ]);
    });

    it('that fails after it changed the schema needs to be settled', async () => {
      const scenario = await create({
        '0001_a.mjs': up("await db.execute('CREATE TABLE a (id INT)'); throw new Error('no');"),
      });
      await using migrations = scenario.open();
      await expect(migrations.run()).rejects.toMatchObject({
        code: 'MIGRATIONS_FAILED',
        hint: expect.stringContaining('maestro migrate repair --applied 0001_a') as string,
      });
      await expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_UNKNOWN' });
      await migrations.repair({ retry: '0001_a' });
      await scenario.write('0001_a.mjs', up("await db.execute('CREATE TABLE IF NOT EXISTS a (id INT)');"));
      await migrations.run();
      expect(await migrations.status()).toMatchObject({ applied: [{ name: '0001_a' }], unfinished: [] });
    });
  });

  it('does not know what became of a change of the schema whose connection was killed', async () => {
    const scenario = await create({
      '0001_a.up.sql': 'CREATE TABLE a AS SELECT SLEEP(5) AS id;\nCREATE TABLE b (id INT);',
    });
    await using migrations = scenario.open();
    const run = expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_CONNECTION_LOST', retryable: true });
    await killOnce(scenario, 'SLEEP');
    await run;
    await expect(migrations.run()).rejects.toMatchObject({
      code: 'MIGRATIONS_UNKNOWN',
      details: { done: 0, total: 2 },
    });
    await migrations.repair({ retry: '0001_a' });
    await scenario.write('0001_a.up.sql', 'CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);');
    await migrations.run();
    expect(await scenario.tables()).toEqual(['a', 'b']);
  });

  it('knows that a change of rows was not done whose connection was killed', async () => {
    const scenario = await create({
      '0001_a.up.sql': 'CREATE TABLE a (id INT);\nINSERT INTO a SELECT 1 FROM (SELECT SLEEP(5)) AS s;',
    });
    await using migrations = scenario.open();
    const run = expect(migrations.run()).rejects.toMatchObject({ code: 'MIGRATIONS_CONNECTION_LOST' });
    await killOnce(scenario, 'SLEEP');
    await run;
    await scenario.write('0001_a.up.sql', 'CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);');
    await migrations.run();
    expect(await scenario.rows('SELECT id FROM a')).toEqual([{ id: 1 }]);
  });

  it('keeps others out by a lease where the server’s locks are refused', async () => {
    const scenario = await create({});
    const url = new URL(scenario.url);
    const options = { host: url.hostname, port: Number(url.port), user: 'root', database: url.pathname.slice(1) };
    const settings = { options, location: 'mysql', clock: systemClock };
    const connect = () => MysqlConnection.open(settings);
    const [one, other] = [await connect(), await connect()];
    const lease = { leaseMs: 1000, clock: systemClock, connect };
    const held = await takeLease({ ...lease, connection: one });
    await systemClock.sleep(1500);
    expect(held.isHeld).toBe(true);
    await expect(takeLease({ ...lease, connection: other })).rejects.toMatchObject({ code: 'MIGRATIONS_LOCKED' });
    await scenario.rows("UPDATE maestro_migrations_lease SET holder = 'nobody', expires_at = '2000-01-01'");
    const next = await takeLease({ ...lease, connection: other });
    await systemClock.sleep(500);
    expect(held.isHeld).toBe(false);
    await Promise.all([held.release(), next.release()]);
    await Promise.all([one.end(), other.end()]);
  });

  it('connects by fields, and shows the password nowhere', async () => {
    const url = new URL(parts().mariadb.url);
    const [host, port, name] = [url.hostname, Number(url.port), url.pathname.slice(1)];
    const wrong = mysqlDatabase({ host, port, user: 'nobody', password: new Redacted('hunter2'), database: name });
    const failure: unknown = await wrong.history('api').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MIGRATIONS_DATABASE_FAILED' });
    expect(JSON.stringify(failure) + messageOf(failure) + wrong.location).not.toContain('hunter2');
  });
});

/** As an operator who thinks that it takes too long. */
async function killOnce(scenario: MysqlScenario, query: string): Promise<void> {
  const name = new URL(scenario.url).pathname.slice(1);
  for (;;) {
    const [found] = await scenario.rows(
      `SELECT id FROM information_schema.processlist WHERE db = '${name}' AND info LIKE '%${query}%'
       AND id <> CONNECTION_ID()`,
    );
    if (found !== undefined) {
      await scenario.rows(`KILL CONNECTION ${Number(found.id)}`);
      return;
    }
    await systemClock.sleep(20);
  }
}
