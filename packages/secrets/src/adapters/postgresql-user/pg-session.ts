import type pg from 'pg';

import type { DatabaseLogin } from '../../ports/login-database.ts';
import type { ConnectSql, DatabaseAddress, SqlSession } from '../../ports/sql-session.ts';
import { driverMissing } from '../../rotation/errors.ts';

const connectTimeoutMs = 15_000;

/** Connects with the package `pg`, which is loaded by the first call. */
export function connectByPg(address: DatabaseAddress): ConnectSql {
  return async (login, { signal }) => {
    const { Client } = await driver();
    signal.throwIfAborted();
    const client = new Client(configOf(address, login));
    // The server may end a connection while nobody waits for an answer; the next query then rejects.
    client.on('error', () => undefined);
    const cut = () => {
      streamOf(client).destroy();
    };
    signal.addEventListener('abort', cut, { once: true });
    const end = async () => {
      await client.end().catch(() => undefined);
      signal.removeEventListener('abort', cut);
    };
    try {
      await client.connect();
    } catch (error) {
      await end();
      throw error;
    }
    return sessionOf(client, end);
  };
}

async function driver(): Promise<typeof pg> {
  try {
    return (await import('pg')).default;
  } catch {
    throw driverMissing('pg');
  }
}

function configOf(
  { host, port = 5432, database, tls = false }: DatabaseAddress,
  login: DatabaseLogin,
): pg.ClientConfig {
  return {
    host,
    port,
    database,
    user: login.username,
    password: login.password.reveal(),
    ssl: typeof tls === 'boolean' ? tls : { ca: tls.ca, rejectUnauthorized: true },
    application_name: 'maestro-secrets',
    connectionTimeoutMillis: connectTimeoutMs,
  };
}

function sessionOf(client: pg.Client, end: () => Promise<void>): SqlSession {
  return {
    async execute(sql, parameters) {
      const { rows } = await client.query<Record<string, unknown>>(
        sql,
        parameters === undefined ? undefined : [...parameters],
      );
      return rows;
    },
    [Symbol.asyncDispose]: end,
  };
}

function streamOf(client: pg.Client): { destroy(): unknown } {
  return (client as unknown as { readonly connection: { readonly stream: { destroy(): unknown } } }).connection.stream;
}
