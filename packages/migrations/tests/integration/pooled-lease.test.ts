import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { PostgresqlScenario } from '../postgresql-scenario.ts';
import { SessionUser } from '../../src/testing/session-user.ts';

const leaseMs = 1500;

describeWith('the lease behind a pooler', ['postgresql', 'pgbouncer'], (parts) => {
  const create = async (files: Readonly<Record<string, string>> = {}) => {
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, files);
    const { url } = await parts().pgbouncer.start({ url: parts().postgresql.url, serverConnections: 8 });
    return { scenario, database: () => scenario.database({ url, leaseMs }) };
  };

  it('is used there, and only there', async () => {
    const { scenario, database } = await create();
    const direct = scenario.database();
    await (await direct.lock()).release();
    await direct.close();
    expect(await leases(scenario)).toEqual([]);
    const pooled = database();
    await (await pooled.lock()).release();
    await pooled.close();
    expect(await leases(scenario)).toHaveLength(1);
  });

  it('is kept for as long as its holder lives', async () => {
    const { database } = await create();
    const [one, other] = [database(), database()];
    const holder = await one.lock();
    const end = systemClock.monotonic() + 2 * leaseMs;
    while (systemClock.monotonic() < end) {
      await expect(other.lock()).rejects.toMatchObject({ code: 'MIGRATIONS_LOCKED' });
      await systemClock.sleep(100);
    }
    await holder.release();
    await (await other.lock()).release();
    await Promise.all([one.close(), other.close()]);
  });

  it('is somebody else’s after its time, and what its old holder goes on with is refused', async () => {
    const { scenario, database } = await create();
    const [one, other] = [database(), database()];
    const user = new SessionUser({ one, other });
    const stalled = await one.lock();
    // As if its process had been stopped for that long.
    await scenario.rows(`UPDATE maestro_migrations_lease SET expires_at = '-infinity', holder = 'nobody'`);
    const next = await other.lock();
    const lost = { code: 'MIGRATIONS_LOCK_LOST' };
    await expect(stalled.begin(user.attempt('0001_users'))).rejects.toMatchObject(lost);
    await expect(stalled.settle('api', unfinished)).rejects.toMatchObject(lost);
    await next.release();
    await stalled.release();
    await Promise.all([one.close(), other.close()]);
  });

  it('cannot be taken while a transaction of its holder goes on, even after its time', async () => {
    const { scenario, database } = await create();
    const [one, other] = [database(), database()];
    const user = new SessionUser({ one, other });
    const slow = await one.lock();
    const attempt = await slow.begin(user.attempt('0001_users'));
    await scenario.rows(`UPDATE maestro_migrations_lease SET expires_at = '-infinity'`);
    await expect(other.lock()).rejects.toMatchObject({ code: 'MIGRATIONS_LOCKED' });
    await attempt.execute(user.statement('CREATE TABLE users (id int)'));
    await attempt.finish({ record: user.row('0001_users') });
    expect(await user.names(other)).toEqual(['0001_users']);
    await slow.release();
    await Promise.all([one.close(), other.close()]);
  });
});

const unfinished = { name: '0001_a', direction: 'up', done: 1, total: 2, hash: 'a', unknown: undefined } as const;

async function leases(scenario: PostgresqlScenario): Promise<unknown[]> {
  return scenario.rows(
    `SELECT 1 FROM pg_tables WHERE schemaname = '${scenario.schema}' AND tablename = 'maestro_migrations_lease'`,
  );
}
