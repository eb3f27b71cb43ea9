import assert from 'node:assert/strict';

import type { ContractCase } from '@maestro/core/testing';

import { foreignContract } from './foreign-contract.ts';
import { functionContract } from './function-contract.ts';
import { session, type SessionCase, SessionUser, type TwoConnections } from './session-user.ts';
import { stepsContract } from './steps-contract.ts';
import { transactionContract } from './transaction-contract.ts';

export interface ContractOptions {
  /** Two connections to one database that is new for each case. */
  readonly connect: () => Promise<TwoConnections>;
  /** How the database can keep a migration: as a whole, statement by statement, or either. */
  readonly keeps: readonly ('steps' | 'transaction')[];
}

/** What every MigrationDatabase promises. */
export function migrationDatabaseContract({ connect, keeps }: ContractOptions): ContractCase[] {
  const onNewDatabase = (name: string, run: (user: SessionUser) => Promise<void>): ContractCase => ({
    name,
    async run() {
      const connections = await connect();
      try {
        await run(new SessionUser(connections));
      } finally {
        await connections.one.close();
        await connections.other.close();
      }
    },
  });
  const inEachWay = keeps.flatMap((way) =>
    [...sharedContract, ...functionContract, ...foreignContract].map(({ name, run }) =>
      onNewDatabase(`${name}, ${way === 'steps' ? 'in steps' : 'in a transaction'}`, (user) => {
        user.transaction = way === 'transaction';
        return run(user);
      }),
    ),
  );
  return [
    ...inEachWay,
    ...(keeps.includes('transaction') ? transactionContract.map(({ name, run }) => onNewDatabase(name, run)) : []),
    ...(keeps.includes('steps')
      ? stepsContract.map(({ name, run }) =>
          onNewDatabase(name, (user) => {
            user.transaction = false;
            return run(user);
          }),
        )
      : []),
  ];
}

const sharedContract: readonly SessionCase[] = [
  {
    name: 'a new database has an empty history',
    async run({ one }) {
      assert.deepEqual(await one.history('api'), { applied: [], unfinished: [] });
    },
  },
  {
    name: 'a finished row is in the history of its service only, unchanged',
    async run(user) {
      await user.apply('0001_users');
      await user.apply('0002_rights', { phase: 'contract' });
      const { applied } = await user.other.history('api');
      assert.deepEqual(applied, [user.row('0001_users'), user.row('0002_rights', { phase: 'contract' })]);
      assert.deepEqual((await user.other.history('web')).applied, []);
    },
  },
  {
    name: 'history is in the order recorded, not in the order of names',
    async run(user) {
      await user.apply('0003_late');
      await user.apply('0002_early');
      assert.deepEqual(await user.names(), ['0003_late', '0002_early']);
    },
  },
  {
    name: 'a session knows what it has finished',
    async run(user) {
      await session(user.one, async (open) => {
        await user.applyIn(open, '0001_users');
        const { applied } = await open.history('api');
        assert.deepEqual(applied, [user.row('0001_users')]);
      });
    },
  },
  {
    name: 'a forgotten row is gone, from its service only',
    async run(user) {
      await user.apply('0001_users');
      await user.apply('0001_users', { service: 'web' });
      await user.revert('0001_users');
      assert.deepEqual(await user.names(), []);
      assert.equal((await user.one.history('web')).applied.length, 1);
    },
  },
  {
    name: 'a name is recorded once for each service',
    async run(user) {
      await user.apply('0001_users');
      await assert.rejects(user.apply('0001_users'));
      assert.deepEqual(await user.names(), ['0001_users']);
    },
  },
  {
    name: 'while a session is open no other one begins, on either connection',
    async run({ one, other }) {
      const holder = await one.lock();
      const locked = { code: 'MIGRATIONS_LOCKED', retryable: true };
      await assert.rejects(other.lock(), locked);
      await assert.rejects(one.lock(), locked);
      await assert.rejects(other.lock(), locked);
      await holder.release();
      await holder.release();
      await session(other, () => Promise.resolve());
      await session(one, () => Promise.resolve());
    },
  },
  {
    name: 'the history can be read while somebody else has a session',
    async run(user) {
      await user.apply('0001_users');
      await session(user.one, async () => {
        assert.deepEqual(await user.names(user.other), ['0001_users']);
        assert.deepEqual(await user.names(user.one), ['0001_users']);
      });
    },
  },
  {
    name: 'a session that has ended does nothing more',
    async run(user) {
      const ended = await user.one.lock();
      await ended.release();
      await assert.rejects(ended.history('api'));
      await assert.rejects(ended.begin(user.attempt('0001_users')));
    },
  },
  {
    name: 'a statement that fails rejects with an error, and the session goes on',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users'));
        await assert.rejects(attempt.execute(user.statement('this is no statement')), Error);
        await attempt.abandon();
        await attempt.abandon();
        assert.deepEqual(await open.history('api'), { applied: [], unfinished: [] });
        await user.applyIn(open, '0001_users');
      });
    },
  },
  {
    name: 'an attempt that has ended runs nothing more',
    async run(user) {
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users'));
        await attempt.execute(user.statement('CREATE TABLE users (id INTEGER)'));
        await attempt.finish({ record: user.row('0001_users') });
        await assert.rejects(attempt.execute(user.statement('CREATE TABLE late (id INTEGER)')));
        await assert.rejects(attempt.finish({ record: user.row('0001_users') }));
        await attempt.abandon();
      });
      assert.deepEqual(await user.names(user.other), ['0001_users']);
    },
  },
  {
    name: 'a function works on the database, and not after its end',
    async run(user) {
      let late: (() => Promise<void>) | undefined;
      await session(user.one, async (open) => {
        const attempt = await open.begin(user.attempt('0001_users'));
        await attempt.call(user.statement('up()'), async (db) => {
          await db.execute('CREATE TABLE users (id INTEGER); CREATE TABLE rights (id INTEGER)');
          await db.query('SELECT id FROM users');
          late = () => db.execute('CREATE TABLE late (id INTEGER)');
        });
        await attempt.finish({ record: user.row('0001_users') });
      });
      await assert.rejects(async () => late?.());
      assert.deepEqual(await user.other.history('api'), { applied: [user.row('0001_users')], unfinished: [] });
    },
  },
  {
    name: 'closing ends the session, and lets others in',
    async run(user) {
      const open = await user.one.lock();
      await open.begin(user.attempt('0001_users'));
      await user.one.close();
      assert.deepEqual(await user.names(user.other), []);
      await session(user.other, () => Promise.resolve());
    },
  },
  {
    name: 'an aborted signal stops before anything is opened',
    async run({ one, other }) {
      const signal = AbortSignal.abort(new Error('stopped'));
      await assert.rejects(async () => one.lock(signal), /stopped/);
      await assert.rejects(async () => one.history('api', signal), /stopped/);
      await session(other, () => Promise.resolve());
    },
  },
];
