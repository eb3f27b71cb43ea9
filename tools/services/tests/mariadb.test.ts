import { createConnection } from 'mysql2/promise';
import { expect, it } from 'vitest';

import { mariadb } from '../src/parts/mariadb.ts';
import { describeWith } from '../src/vitest.ts';
import { sharedPartContract } from './shared-part-contract.ts';

describeWith('MariaDB', ['mariadb'], (parts) => {
  sharedPartContract({
    part: mariadb,
    address: () => inDatabase(parts().mariadb.url, ''),
    keep: async ({ url }) => {
      await query(url, 'CREATE TABLE kept (text text)');
    },
    has: async ({ url }) => await query(url, 'SELECT text FROM kept').then(() => true),
    dropsData: true,
  });

  it('drops a database although a transaction holds one of its tables', async () => {
    const address = inDatabase(parts().mariadb.url, '');
    const name = `${new URL(parts().mariadb.url).pathname.slice(1)}_second`;
    const suite = await mariadb.openSuite({ address, suite: name });
    await query(suite.url, 'CREATE TABLE held (text text)');
    await using holder = await connect(suite.url);
    await holder.connection.query('START TRANSACTION');
    await holder.connection.query('SELECT text FROM held');
    await suite[Symbol.asyncDispose]();
    await expect(query(suite.url, 'SELECT 1')).rejects.toThrow(/Unknown database/);
  });
});

function inDatabase(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function connect(url: string) {
  const connection = await createConnection({ uri: url });
  // Dropping the database ends the connection.
  connection.on('error', () => undefined);
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await connection.end().catch(() => undefined);
    },
  };
}

async function query(url: string, sql: string): Promise<void> {
  await using opened = await connect(url);
  await opened.connection.query(sql);
}
