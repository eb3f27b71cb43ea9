import { poll, Redacted, systemClock } from '@maestro/core';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

import type { LoginDatabase } from '../../src/index.ts';
import { mysqlUsers } from '../../src/mysql.ts';
import { postgresqlUsers } from '../../src/postgresql.ts';
import { askForPasswords } from './password-logins.ts';

/** A suite's database with users of its own, who log in with their passwords. */
export interface DatabaseUsers extends AsyncDisposable {
  readonly kind: 'postgresql' | 'mysql';
  readonly url: string;
  readonly database: LoginDatabase;
  /** A user's name in the server, which all suites share. */
  readonly nameOf: (user: string) => string;
  /** Makes users, or gives those that are there these passwords. */
  readonly add: (passwords: Readonly<Record<string, string>>) => Promise<void>;
  /** Runs a query as a user, over a connection of its own. */
  readonly queryAs: (username: string, password: string, sql: string) => Promise<readonly Record<string, unknown>[]>;
  readonly queryAsAdmin: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

export async function postgresqlDatabaseUsers(url: string): Promise<DatabaseUsers> {
  const address = new URL(url);
  const suite = address.pathname.slice(1);
  const prefix = `${suite}_`;
  const group = `${suite}_logins`;
  const made: string[] = [];
  const query = async (by: string, sql: string) => {
    const client = new pg.Client({ connectionString: by });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  await query(url, `CREATE ROLE "${group}"`);
  const asking = await askForPasswords(url, group);
  await query(url, `CREATE ROLE "${prefix}none" LOGIN IN ROLE "${group}"`);
  made.push(`"${prefix}none"`);
  const isLetIn = () =>
    query(urlOf(url, `${prefix}none`, 'none'), 'SELECT 1').then(
      () => true,
      () => false,
    );
  // The server reads its rules anew at some time after it was told to.
  await poll({ probe: isLetIn, accept: (isIn) => !isIn, intervalMs: 20, deadlineMs: 10_000, clock: systemClock });
  const admin = {
    username: decodeURIComponent(address.username),
    password: new Redacted(decodeURIComponent(address.password)),
  };
  return {
    kind: 'postgresql',
    url,
    database: postgresqlUsers({
      address: { host: address.hostname, port: Number(address.port), database: suite },
      admin,
    }),
    nameOf: (user) => prefix + user,
    async add(passwords) {
      for (const [user, password] of Object.entries(passwords)) {
        const role = pg.escapeIdentifier(prefix + user);
        if (!made.includes(role)) await query(url, `CREATE ROLE ${role} LOGIN IN ROLE "${group}"`);
        await query(url, `ALTER ROLE ${role} PASSWORD ${pg.escapeLiteral(password)}`);
        made.push(role);
      }
    },
    queryAs: (username, password, sql) => query(urlOf(url, username, password), sql),
    queryAsAdmin: (sql) => query(url, sql),
    async [Symbol.asyncDispose]() {
      await asking[Symbol.asyncDispose]();
      for (const role of [...new Set(made), `"${group}"`]) {
        await query(url, `DROP OWNED BY ${role} CASCADE`);
        await query(url, `DROP ROLE ${role}`);
      }
    },
  };
}

export async function mysqlDatabaseUsers(url: string): Promise<DatabaseUsers> {
  const address = new URL(url);
  const suite = address.pathname.slice(1);
  const prefix = `${suite}_`;
  const made = new Set<string>();
  const query = async (by: string, sql: string, values: readonly string[] = []) => {
    const connection = await createConnection({ uri: by });
    connection.on('error', () => undefined);
    try {
      const [rows] = await connection.query(sql, [...values]);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      await connection.end().catch(() => undefined);
    }
  };
  const admin = {
    username: decodeURIComponent(address.username),
    password: new Redacted(decodeURIComponent(address.password)),
  };
  return Promise.resolve({
    kind: 'mysql',
    url,
    database: mysqlUsers({
      address: { host: address.hostname, port: Number(address.port), database: suite },
      admin,
    }),
    nameOf: (user) => prefix + user,
    async add(passwords) {
      for (const [user, password] of Object.entries(passwords)) {
        const name = prefix + user;
        await query(url, "CREATE OR REPLACE USER ?@'%' IDENTIFIED BY ?", [name, password]);
        await query(url, `GRANT ALL ON ${suite}.* TO ?@'%'`, [name]);
        made.add(name);
      }
    },
    queryAs: (username, password, sql) => query(urlOf(url, username, password), sql),
    queryAsAdmin: (sql) => query(url, sql),
    async [Symbol.asyncDispose]() {
      for (const name of made) await query(url, "DROP USER ?@'%'", [name]);
    },
  } satisfies DatabaseUsers);
}

function urlOf(url: string, username: string, password: string): string {
  return Object.assign(new URL(url), {
    username: encodeURIComponent(username),
    password: encodeURIComponent(password),
  }).href;
}
