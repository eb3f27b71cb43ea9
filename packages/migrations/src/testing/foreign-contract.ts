import assert from 'node:assert/strict';

import { session, type SessionCase } from './session-user.ts';

/** What a database promises to whoever looks at it, and takes over what somebody else has done. */
export const foreignContract: readonly SessionCase[] = [
  {
    name: 'rows of somebody else are recorded together or not at all, and say whose they are',
    async run(user) {
      const adopted = ['0001_users', '0002_rights'].map((name) => ({ ...user.row(name), adoptedFrom: 'flyway' }));
      await session(user.one, async (open) => {
        await open.record('api', adopted);
        await assert.rejects(open.record('api', [user.row('0003_total'), user.row('0002_rights')]));
        assert.deepEqual((await open.history('api')).applied, adopted);
      });
      assert.deepEqual((await user.other.history('api')).applied, adopted);
      assert.deepEqual((await user.other.history('web')).applied, []);
    },
  },
  {
    name: 'whoever reads changes nothing, and gets what the work returns or throws',
    async run(user) {
      await user.apply('0001_users');
      const writing = user.other.read(({ query }) => query('DELETE FROM maestro_migrations RETURNING name'));
      await writing.catch(() => undefined);
      assert.deepEqual(await user.names(), ['0001_users']);
      assert.equal(await user.other.read(() => Promise.resolve('read')), 'read');
      await assert.rejects(
        user.other.read(() => Promise.reject(new Error('no'))),
        /no/,
      );
      await user.apply('0002_rights');
    },
  },
];
