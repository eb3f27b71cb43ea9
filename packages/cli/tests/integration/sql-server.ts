import { createRequire } from 'node:module';

type Rows = readonly Readonly<Record<string, unknown>>[];

interface PgClient {
  connect(): Promise<unknown>;
  query(sql: string): Promise<{ readonly rows: Rows }>;
  end(): Promise<unknown>;
}

interface MysqlConnection {
  query(sql: string): Promise<readonly [Rows, unknown]>;
  end(): Promise<unknown>;
}

/** With the drivers of what starts the servers. */
const driver = createRequire(import.meta.resolve('@maestro/services/package.json'));

/** Runs one statement on a PostgreSQL, MySQL or MariaDB server, over a connection of its own. */
export async function queryServer(url: string, sql: string): Promise<Rows> {
  return url.startsWith('mysql:') ? queryMysql(url, sql) : queryPostgresql(url, sql);
}

async function queryPostgresql(url: string, sql: string): Promise<Rows> {
  const { Client } = driver('pg') as { readonly Client: new (options: object) => PgClient };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function queryMysql(url: string, sql: string): Promise<Rows> {
  const { createConnection } = driver('mysql2/promise') as {
    readonly createConnection: (options: object) => Promise<MysqlConnection>;
  };
  const connection = await createConnection({ uri: url });
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}
