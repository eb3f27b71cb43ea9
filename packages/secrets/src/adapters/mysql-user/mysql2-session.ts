import type { Connection, ConnectionOptions, createConnection } from 'mysql2/promise';

import type { DatabaseLogin } from '../../ports/login-database.ts';
import type { ConnectSql, DatabaseAddress, SqlSession } from '../../ports/sql-session.ts';
import { driverMissing } from '../../rotation/errors.ts';

const connectTimeoutMs = 15_000;

/** Connects with the package `mysql2`, which is loaded by the first call. */
export function connectByMysql2(address: DatabaseAddress): ConnectSql {
  return async (login, { signal }) => {
    const connectTo = await driver();
    signal.throwIfAborted();
    const connection = await connectTo(optionsOf(address, login));
    connection.on('error', () => undefined);
    const cut = () => {
      connection.destroy();
    };
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    return sessionOf(connection, async () => {
      await connection.end().catch(() => undefined);
      signal.removeEventListener('abort', cut);
    });
  };
}

async function driver(): Promise<typeof createConnection> {
  try {
    return (await import('mysql2/promise')).createConnection;
  } catch {
    throw driverMissing('mysql2');
  }
}

function optionsOf({ host, port = 3306, database, tls = false }: DatabaseAddress, login: DatabaseLogin) {
  const options: ConnectionOptions = {
    host,
    port,
    database,
    user: login.username,
    password: login.password.reveal(),
    charset: 'utf8mb4',
    multipleStatements: false,
    connectTimeout: connectTimeoutMs,
  };
  if (tls === false) return options;
  return { ...options, ssl: { rejectUnauthorized: true, ...(tls === true ? {} : { ca: tls.ca }) } };
}

function sessionOf(connection: Connection, end: () => Promise<void>): SqlSession {
  return {
    async execute(sql, parameters) {
      // The server prepares only some kinds of statements: parameters alone make it necessary.
      const [rows] = await (parameters === undefined
        ? connection.query(sql)
        : connection.execute(sql, [...parameters]));
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    },
    [Symbol.asyncDispose]: end,
  };
}
