import assert from 'node:assert/strict';

import { session, type SessionCase } from './session-user.ts';

/** What a database promises to functions that work on it beside the statements of migrations. */
export const functionContract: readonly SessionCase[] = [
  {
    name: 'a function works on the database between attempts, and not after its end',
    async run(user) {
      let late: (() => Promise<void>) | undefined;
      await session(user.one, async (open) => {
        await open.use(async (db) => {
          await db.execute('CREATE TABLE users (id INTEGER); CREATE TABLE rights (id INTEGER)');
          late = () => db.execute('CREATE TABLE late (id INTEGER)');
        }, undefined);
        await assert.rejects(async () => late?.());
        await user.applyIn(open, '0001_users');
        const failing = open.use(async (db) => {
          await db.execute('DROP TABLE users');
          await db.execute('this is no statement');
        }, undefined);
        await assert.rejects(failing);
        // What was done before it failed was kept.
        await open.use((db) => db.execute('CREATE TABLE users (id INTEGER)'), undefined);
        const { applied } = await open.history('api');
        assert.deepEqual(applied, [user.row('0001_users')]);
      });
      await assert.rejects(user.one.lock().then((open) => open.release().then(() => open.use(nothing, undefined))));
    },
  },
  {
    name: 'a function works within an attempt, before its statements and after them, and is no statement itself',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users'));
        await attempt.use((db) => db.execute('CREATE TABLE users (id INTEGER)'));
        assert.deepEqual((await user.other.history('api')).unfinished, []);
        await attempt.execute(user.statement('INSERT INTO users VALUES (1)'));
        await attempt.use(async (db) => {
          await db.query('SELECT id FROM users');
          await db.execute('DROP TABLE users');
        });
        await attempt.finish({ record: user.row('0001_users') });
        await assert.rejects(attempt.use((db) => db.execute('CREATE TABLE late (id INTEGER)')));
      });
      assert.deepEqual(await user.other.history('api'), { applied: [user.row('0001_users')], unfinished: [] });
    },
  },
];

function nothing(): Promise<void> {
  return Promise.resolve();
}
