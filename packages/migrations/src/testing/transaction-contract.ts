import assert from 'node:assert/strict';

import { session, type SessionCase } from './session-user.ts';

/** What a database promises that keeps a migration as a whole. */
export const transactionContract: readonly SessionCase[] = [
  {
    name: 'nobody sees a row before it is finished',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users'));
        await attempt.execute(user.statement('CREATE TABLE users (id INTEGER)'));
        assert.deepEqual(await user.names(user.one), []);
        assert.deepEqual(await user.names(user.other), []);
        await attempt.finish({ record: user.row('0001_users') });
        assert.deepEqual(await user.names(user.other), ['0001_users']);
      });
    },
  },
  {
    name: 'what is abandoned leaves nothing',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users', { total: 2 }));
        await attempt.execute(user.statement('CREATE TABLE users (id INTEGER)'));
        await attempt.abandon();
        assert.deepEqual(await open.history('api'), { applied: [], unfinished: [] });
        const again = await open.begin(user.attempt('0001_users', { total: 2 }));
        await again.execute(user.statement('CREATE TABLE users (id INTEGER)'));
        await again.abandon();
      });
    },
  },
  {
    name: 'an attempt that goes on leaves nothing when its session ends',
    async run(user) {
      const open = await user.one.lock();
      const attempt = await open.begin(user.attempt('0001_users'));
      await attempt.execute(user.statement('CREATE TABLE users (id INTEGER)'));
      await open.release();
      await assert.rejects(attempt.finish({ record: user.row('0001_users') }));
      assert.deepEqual(await user.names(user.other), []);
    },
  },
  {
    name: 'what a function did within an attempt goes with it',
    async run(user) {
      await session(user.one, async (open) => {
        for (let times = 0; times < 2; times += 1) {
          const attempt = await open.begin(user.attempt('0001_users'));
          await attempt.use((db) => db.execute('CREATE TABLE users (id INTEGER)'));
          await attempt.abandon();
        }
      });
    },
  },
  {
    name: 'a function that fails leaves nothing',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users'));
        const failing = attempt.call(user.statement('up()'), async (db) => {
          await db.execute('CREATE TABLE users (id INTEGER)');
          throw new Error('no');
        });
        await assert.rejects(failing, /no/);
        await attempt.abandon();
        assert.deepEqual(await open.history('api'), { applied: [], unfinished: [] });
      });
    },
  },
];
