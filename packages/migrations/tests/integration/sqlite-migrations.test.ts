import { messageOf } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import type { MigrationEvent, Migrations } from '../../src/index.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

describe('a script', () => {
  it('runs whole, with triggers and texts that hold semicolons, and back', async () => {
    const scenario = await SqliteScenario.create({
      '0001_notes.up.sql': `
        CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
        CREATE TABLE log (text TEXT);
        CREATE TRIGGER logged AFTER INSERT ON notes BEGIN
          INSERT INTO log SELECT CASE WHEN new.id > 1 THEN 'more' ELSE 'first; one' END;
        END;
        INSERT INTO notes (text) VALUES ('a;b'), ('c -- d');`,
      '0001_notes.down.sql': 'DROP TABLE notes; DROP TABLE log;',
    });
    await scenario.open().run();
    expect(scenario.rows('SELECT text FROM notes UNION ALL SELECT text FROM log').map(({ text }) => text)).toEqual([
      'a;b',
      'c -- d',
      'first; one',
      'more',
    ]);
    await scenario.open().rollback({ steps: 1 });
    expect(scenario.tables()).toEqual(['maestro_migrations']);
  });

  it('leaves nothing when a statement fails, not even the history table', async () => {
    const scenario = await SqliteScenario.create({
      '0001_users.up.sql': 'CREATE TABLE users (mail TEXT UNIQUE);\n\nINSERT INTO users VALUES (1), (1);',
    });
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_FAILED',
      message: `api: ${scenario.folder}/0001_users.up.sql:3: UNIQUE constraint failed: users.mail`,
      details: { line: 3 },
    });
    expect(scenario.tables()).toEqual([]);
  });
});

describe('a module', () => {
  const up = (body: string) => `export async function up({ db }) { ${body} }`;
  const failing = async (body: string) => {
    const scenario = await SqliteScenario.create({ '0001_a.mjs': up(body) });
    const failure: unknown = await scenario
      .open()
      .run()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MIGRATIONS_FAILED' });
    expect(scenario.tables()).toEqual([]);
    return messageOf(failure);
  };

  it('reads and writes in its transaction, with parameters', async () => {
    const scenario = await SqliteScenario.create({
      '0001_a.mjs': up(`
        await db.execute('CREATE TABLE t (id INTEGER, text TEXT); CREATE TABLE u (n INTEGER)');
        await db.execute('INSERT INTO t VALUES (?, ?), (?, ?)', 1, "it's", 2, null);
        await null;
        const [{ n }] = await db.query('SELECT count(*) AS n FROM t WHERE id >= ?', 1);
        await db.execute('INSERT INTO u VALUES (?)', n);`),
    });
    await scenario.open().run();
    expect(scenario.rows('SELECT n FROM u')).toMatchObject([{ n: 2 }]);
    expect(scenario.rows('SELECT text FROM t')).toMatchObject([{ text: "it's" }, { text: null }]);
  });

  it('never shows the value of a parameter in an error', async () => {
    const statement = "await db.execute('CREATE TABLE t (s TEXT UNIQUE)'); ";
    const insert = "await db.execute('INSERT INTO t VALUES (?)', 'hunter2'); ";
    const message = await failing(statement + insert + insert);
    expect(message).toContain('UNIQUE constraint failed: t.s');
    expect(message).not.toContain('hunter2');
  });

  it.each([
    ['ends the transaction', "await db.execute('COMMIT')", 'COMMIT is not allowed'],
    ['runs nothing', "await db.execute('-- to be written')", 'there is no statement'],
    ['runs several with parameters', "await db.execute('SELECT ?; SELECT 2', 1)", 'expected one statement'],
    ['queries several', "await db.query('SELECT 1; SELECT 2')", 'expected one statement'],
    [
      'goes on after SQLite rolled back',
      `await db.execute('CREATE TABLE t (n UNIQUE)');
       await db.execute('INSERT INTO t VALUES (1)');
       try { await db.execute('INSERT OR ROLLBACK INTO t VALUES (1)') } catch {}
       await db.execute('CREATE TABLE kept (n)');`,
      'SQLite rolled the transaction back',
    ],
    [
      'hides that SQLite rolled back',
      `await db.execute('CREATE TABLE t (n UNIQUE)');
       await db.execute('INSERT INTO t VALUES (1)');
       try { await db.execute('INSERT OR ROLLBACK INTO t VALUES (1)') } catch {}`,
      'SQLite rolled the transaction back',
    ],
  ])('fails and leaves nothing when it %s', async (_, body, message) => {
    expect(await failing(body)).toContain(message);
  });

  it('cannot change anything after its end', async () => {
    const scenario = await SqliteScenario.create({
      '0001_a.mjs': `import { setTimeout } from 'node:timers/promises';
        ${up("globalThis.late = setTimeout(50).then(() => db.execute('CREATE TABLE late (id)')).catch(String);")}`,
    });
    await scenario.open().run();
    expect(await (globalThis as { late?: Promise<string> }).late).toContain('has ended');
    expect(scenario.tables()).toEqual(['maestro_migrations']);
  });
});

describe('foreign keys', () => {
  const schema = `CREATE TABLE users (id INTEGER PRIMARY KEY);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users ON DELETE CASCADE);
    INSERT INTO users VALUES (1), (2);
    INSERT INTO posts VALUES (1, 1), (2, 2);`;
  const rebuild = `CREATE TABLE new_users (id INTEGER PRIMARY KEY, mail TEXT);
    INSERT INTO new_users (id) SELECT id FROM users;
    DROP TABLE users;
    ALTER TABLE new_users RENAME TO users;`;

  it('lose no rows when the table they refer to is rebuilt', async () => {
    const scenario = await SqliteScenario.create({ '0001_schema.up.sql': schema, '0002_rebuild.up.sql': rebuild });
    await scenario.open().run();
    expect(scenario.rows('SELECT id FROM posts')).toHaveLength(2);
    expect(scenario.rows('PRAGMA foreign_key_check')).toEqual([]);
  });

  it('refuse a migration that leaves more of them broken than before', async () => {
    const scenario = await SqliteScenario.create({
      '0001_schema.up.sql': schema,
      '0002_delete.up.sql': 'DELETE FROM users WHERE id = 2;',
    });
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_FAILED',
      message: expect.stringContaining('leaves 1 foreign keys without the row they refer to') as string,
    });
    expect(scenario.rows('SELECT id FROM users')).toHaveLength(2);
    expect((await scenario.open().status()).pending).toEqual(['0002_delete']);
  });

  it('that were broken before hold up nothing', async () => {
    const scenario = await SqliteScenario.create({ '0001_schema.up.sql': schema });
    await scenario.open().run();
    const service = scenario.connect();
    service.exec('PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = 1');
    service.close();
    await scenario.write('0002_rebuild.up.sql', rebuild);
    expect((await scenario.open().run()).applied).toHaveLength(1);
  });

  it('that SQLite cannot check are refused where they are new and passed over where they are old', async () => {
    const mismatch = 'CREATE TABLE a (n INTEGER); CREATE TABLE b (n REFERENCES a (n)); INSERT INTO b VALUES (1);';
    const scenario = await SqliteScenario.create({ '0001_schema.up.sql': mismatch });
    await expect(scenario.open().run()).rejects.toThrow('refer to columns that are not unique');
    const service = scenario.connect();
    service.exec(`PRAGMA foreign_keys = OFF; ${mismatch}`);
    service.close();
    await scenario.write('0001_schema.up.sql', 'CREATE TABLE c (n);');
    expect((await scenario.open().run()).applied).toHaveLength(1);
  });
});

it.each([
  ['reads the history', 'EXCLUSIVE', (migrations: Migrations) => migrations.run()],
  ['records', 'IMMEDIATE', (migrations: Migrations) => migrations.adopt({ from: 'plain', upTo: '0001_a' })],
])('waits for a service that writes when it %s under the lock', async (_, kind, use) => {
  const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id INTEGER)' });
  const service = scenario.connect();
  const database = scenario.database();
  const lock = database.lock.bind(database);
  database.lock = async (signal) => {
    const session = await lock(signal);
    service.exec(`BEGIN ${kind}`);
    return session;
  };
  const types: string[] = [];
  const onEvent = ({ type }: MigrationEvent) => {
    types.push(type);
    if (type === 'waiting-for-lock') service.exec('COMMIT');
  };
  await using migrations = scenario.open({ database, onEvent });
  await use(migrations);
  service.close();
  expect(types[0]).toBe('waiting-for-lock');
  expect(await migrations.status()).toMatchObject({ applied: [{ name: '0001_a' }] });
});
