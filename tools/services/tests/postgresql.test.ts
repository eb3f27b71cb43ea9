import pg from 'pg';
import { expect, it } from 'vitest';

import { postgresql } from '../src/parts/postgresql.ts';
import { describeWith } from '../src/vitest.ts';
import { sharedPartContract } from './shared-part-contract.ts';

describeWith('PostgreSQL', ['postgresql'], (parts) => {
  sharedPartContract({
    part: postgresql,
    address: () => inDatabase(parts().postgresql.url, 'postgres'),
    keep: async ({ url }) => {
      await query(url, 'CREATE TABLE kept (text text)');
    },
    has: async ({ url }) => await query(url, 'SELECT text FROM kept').then(() => true),
    dropsData: true,
  });

  it('drops a database although somebody is connected to it', async () => {
    const address = inDatabase(parts().postgresql.url, 'postgres');
    const name = `${new URL(parts().postgresql.url).pathname.slice(1)}_second`;
    const suite = await postgresql.openSuite({ address, suite: name });
    await using _ = await connect(suite.url);
    await suite[Symbol.asyncDispose]();
    await expect(query(suite.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});

function inDatabase(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function connect(url: string) {
  const client = new pg.Client({ connectionString: url });
  // Dropping the database ends the connection.
  client.on('error', () => undefined);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

async function query(url: string, sql: string): Promise<void> {
  await using connection = await connect(url);
  await connection.client.query(sql);
}
