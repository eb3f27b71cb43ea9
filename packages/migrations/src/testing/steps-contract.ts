import assert from 'node:assert/strict';

import type { MigrationSession } from '../ports/migration-database.ts';
import { session, type SessionCase, type SessionUser } from './session-user.ts';

const name = '0001_users';
const unfinished = { name, direction: 'up', total: 3, unknown: undefined } as const;

/** What a database promises that keeps a migration statement by statement. */
export const stepsContract: readonly SessionCase[] = [
  {
    name: 'each statement that was done is known to everybody, and goes when the migration is finished',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt(name, { total: 3 }));
        for (const number of [1, 2, 3]) {
          await attempt.execute(user.statement(`CREATE TABLE t${number} (id INTEGER)`, number));
          const expected = [{ ...unfinished, done: number, hash: `hash-${number}` }];
          assert.deepEqual((await user.other.history('api')).unfinished, expected);
        }
        await attempt.finish({ record: user.row(name) });
        assert.deepEqual(await user.other.history('api'), { applied: [user.row(name)], unfinished: [] });
      });
    },
  },
  {
    name: 'what was done before a statement that fails stays done, and the rest can follow',
    async run(user) {
      await session(user.one, async (open) => {
        await twoOfThree(user, open);
        const expected = [{ ...unfinished, done: 2, hash: 'hash-2' }];
        assert.deepEqual((await open.history('api')).unfinished, expected);
        assert.deepEqual((await open.history('web')).unfinished, []);
        const again = await open.begin(user.attempt(name, { total: 3 }));
        await again.execute(user.statement('CREATE TABLE t3 (id INTEGER)', 3));
        await again.finish({ record: user.row(name) });
      });
      assert.deepEqual(await user.other.history('api'), { applied: [user.row(name)], unfinished: [] });
    },
  },
  {
    name: 'what was done is still known to the next session',
    async run(user) {
      await session(user.one, (open) => twoOfThree(user, open));
      await session(user.other, async (open) => {
        assert.deepEqual((await open.history('api')).unfinished, [{ ...unfinished, done: 2, hash: 'hash-2' }]);
      });
    },
  },
  {
    name: 'a revert in steps keeps the row until it is finished',
    async run(user) {
      await user.apply(name);
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt(name, { direction: 'down', total: 2 }));
        await attempt.execute(user.statement('CREATE TABLE t1 (id INTEGER)'));
        await attempt.abandon();
        const { applied, unfinished: left } = await user.other.history('api');
        assert.deepEqual(applied, [user.row(name)]);
        assert.deepEqual(left, [{ ...unfinished, direction: 'down', done: 1, total: 2, hash: 'hash-1' }]);
        const again = await open.begin(user.attempt(name, { direction: 'down', total: 2 }));
        await again.execute(user.statement('CREATE TABLE t2 (id INTEGER)', 2));
        await again.finish({ forget: name });
        assert.deepEqual(await user.other.history('api'), { applied: [], unfinished: [] });
      });
    },
  },
  {
    name: 'what a function did within an attempt stays, and the statements that were done are still known',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt(name));
        await attempt.use((db) => db.execute('CREATE TABLE users (id INTEGER)'));
        await attempt.execute(user.statement('INSERT INTO users VALUES (1)'));
        const failing = attempt.use(async (db) => {
          await db.execute('DROP TABLE users');
          throw new Error('no');
        });
        await assert.rejects(failing, /no/);
        await attempt.abandon();
        const left = [{ ...unfinished, done: 1, total: 1, hash: 'hash-1' }];
        assert.deepEqual((await user.other.history('api')).unfinished, left);
        const again = await open.begin(user.attempt(name, { resumes: true }));
        await again.use((db) => db.execute('CREATE TABLE users (id INTEGER)'));
        await again.finish({ record: user.row(name) });
      });
      assert.deepEqual(await user.other.history('api'), { applied: [user.row(name)], unfinished: [] });
    },
  },
  {
    name: 'of a function that fails after it changed the schema nobody knows what was done, until it is settled',
    async run(user) {
      const unknown = { sql: 'up()', hash: 'hash-1' };
      const left = { ...unfinished, done: 0, total: 1, hash: '', unknown };
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt(name));
        const failing = attempt.call(user.statement('up()'), async (db) => {
          await db.execute('CREATE TABLE users (id INTEGER)');
          throw new Error('no');
        });
        await assert.rejects(failing, /no/);
        await attempt.abandon();
        assert.deepEqual((await open.history('api')).unfinished, [left]);
        const settled = { ...left, done: 1, hash: 'hash-1', unknown: undefined };
        await open.settle('api', settled);
        assert.deepEqual((await open.history('api')).unfinished, [settled]);
        await open.settle('api', { ...left, unknown: undefined });
        assert.deepEqual(await open.history('api'), { applied: [], unfinished: [] });
      });
    },
  },
];

async function twoOfThree(user: SessionUser, open: MigrationSession): Promise<void> {
  const attempt = await open.begin(user.attempt(name, { total: 3 }));
  await attempt.execute(user.statement('CREATE TABLE t1 (id INTEGER)', 1));
  await attempt.execute(user.statement('CREATE TABLE t2 (id INTEGER)', 2));
  await assert.rejects(attempt.execute(user.statement('this is no statement', 3)));
  await attempt.abandon();
}
