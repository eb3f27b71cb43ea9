import pg from 'pg';
import { expect, it } from 'vitest';

import { describeWith } from '../src/vitest.ts';

describeWith('PgBouncer', ['pgbouncer', 'postgresql'], (parts) => {
  it('leads to the database of the suite, over another connection for each transaction that needs one', async () => {
    const { url } = parts().postgresql;
    await using pooler = await parts().pgbouncer.start({ url, serverConnections: 2 });
    const [one, other] = [await connected(pooler.url), await connected(pooler.url)];
    try {
      expect(await nameOf(one)).toBe(new URL(url).pathname.slice(1));
      await one.query('BEGIN');
      const held = await processOf(one);
      expect(await processOf(other)).not.toBe(held);
      expect(await processOf(one)).toBe(held);
      await one.query('COMMIT');
    } finally {
      await Promise.all([one.end(), other.end()]);
    }
  });

  it('is gone when it is disposed of', async () => {
    const pooler = await parts().pgbouncer.start({ url: parts().postgresql.url, serverConnections: 2 });
    await pooler[Symbol.asyncDispose]();
    await expect(connected(pooler.url)).rejects.toThrow('ECONNREFUSED');
  });
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function processOf(client: pg.Client): Promise<unknown> {
  return (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
}

async function nameOf(client: pg.Client): Promise<unknown> {
  return (await client.query<{ name: string }>('SELECT current_database() AS name')).rows[0]?.name;
}
