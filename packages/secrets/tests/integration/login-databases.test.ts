import { Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { connectByMysql2 } from '../../src/adapters/mysql-user/mysql2-session.ts';
import { connectByPg } from '../../src/adapters/postgresql-user/pg-session.ts';
import type { ConnectSql } from '../../src/index.ts';
import { mysqlUsers } from '../../src/mysql.ts';
import { postgresqlUsers } from '../../src/postgresql.ts';
import { loginDatabaseContract } from '../../src/testing.ts';
import { type DatabaseUsers, mysqlDatabaseUsers, postgresqlDatabaseUsers } from './database-users.ts';

const { signal } = new AbortController();

function keepsContract(users: () => DatabaseUsers): void {
  const create = async (passwords: Readonly<Record<string, string>>) => {
    await users().add(passwords);
    return users();
  };
  for (const { name, run } of loginDatabaseContract(create)) it(name, run, 30_000);
}

/** The same connections, which note what is sent over them. */
function recording(connect: ConnectSql, sent: string[]): ConnectSql {
  return async (login, options) => {
    const session = await connect(login, options);
    return {
      execute(sql, parameters) {
        sent.push(sql, ...(parameters ?? []));
        return session.execute(sql, parameters);
      },
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  };
}

describeWith('users of PostgreSQL', ['postgresql'], (parts) => {
  let users: DatabaseUsers;
  beforeAll(async () => {
    users = await postgresqlDatabaseUsers(parts().postgresql.url);
  });
  afterAll(() => users[Symbol.asyncDispose]());
  keepsContract(() => users);

  it('sends a verifier, and a password in no statement', async () => {
    await users.add({ api: 'old-password' });
    const { hostname: host, port, pathname, username } = new URL(users.url);
    const sent: string[] = [];
    const connect = recording(connectByPg({ host, port: Number(port), database: pathname.slice(1) }), sent);
    const database = postgresqlUsers({ connect, name: 'recorded', admin: { username, password: new Redacted('') } });
    const login = { username: users.nameOf('api'), password: new Redacted('canary-password') };
    const seen: unknown[] = [];
    const confirm = async () => {
      seen.push(...(await users.queryAsAdmin('SELECT query FROM pg_stat_activity')));
    };
    await database.changePassword(login, { confirm, signal });
    expect(JSON.stringify(seen)).toContain('rolname::text');
    expect(sent.join()).toContain('SCRAM-SHA-256$4096:');
    expect(JSON.stringify([seen, sent])).not.toContain('canary');
    await users.database.logIn(login, { signal });
  });

  it('does not change the password of the one whose name is the beginning of a longer one', async () => {
    const long = 'x'.repeat(63 - users.nameOf('').length);
    await users.add({ [long]: 'untouched' });
    const login = { username: `${users.nameOf(long)}-and-more`, password: new Redacted('new-password') };
    const changed = users.database.changePassword(login, { confirm: () => Promise.resolve(), signal });
    await expect(changed).rejects.toMatchObject({ code: 'SECRETS_LOGIN_MISSING' });
    await users.database.logIn({ username: users.nameOf(long), password: new Redacted('untouched') }, { signal });
  });

  it('refuses a password that the server may read otherwise than the driver', async () => {
    await users.add({ api: 'old-password' });
    const login = { username: users.nameOf('api'), password: new Redacted('pässword') };
    const changed = users.database.changePassword(login, { confirm: () => Promise.resolve(), signal });
    await expect(changed).rejects.toMatchObject({ code: 'SECRETS_INVALID' });
  });

  it('tells of an admin who may not change passwords, of a server that is not there, and why', async () => {
    await users.add({ api: 'old-password', other: 'other-password' });
    const { hostname: host, port, pathname } = new URL(users.url);
    const address = { host, port: Number(port), database: pathname.slice(1) };
    const admin = { username: users.nameOf('other'), password: new Redacted('other-password') };
    const login = { username: users.nameOf('api'), password: new Redacted('canary-password') };
    const options = { confirm: () => Promise.resolve(), signal };
    const refused = postgresqlUsers({ address, admin }).changePassword(login, options);
    await expect(refused).rejects.toMatchObject({
      code: 'SECRETS_DATABASE_FAILED',
      retryable: false,
      details: { code: '42501' },
    });
    const nowhere = postgresqlUsers({ address: { ...address, port: 1 }, admin }).changePassword(login, options);
    await expect(nowhere).rejects.toMatchObject({
      code: 'SECRETS_DATABASE_FAILED',
      retryable: true,
      details: { code: 'ECONNREFUSED' },
    });
  });

  it('tells of a probe that is refused', async () => {
    await users.add({ api: 'old-password' });
    await users.queryAsAdmin('CREATE TABLE IF NOT EXISTS orders (id INTEGER)');
    const login = { username: users.nameOf('api'), password: new Redacted('old-password') };
    const probed = users.database.logIn(login, { probe: 'SELECT 1 FROM orders LIMIT 1', signal });
    await expect(probed).rejects.toMatchObject({ code: 'SECRETS_LOGIN_REFUSED', details: { code: '42501' } });
  });
});

describeWith('users of MariaDB', ['mariadb'], (parts) => {
  let users: DatabaseUsers;
  beforeAll(async () => {
    users = await mysqlDatabaseUsers(parts().mariadb.url);
  });
  afterAll(() => users[Symbol.asyncDispose]());
  keepsContract(() => users);

  it('sends a hash, and a password in no statement', async () => {
    await users.add({ api: 'old-password' });
    const { hostname: host, port, pathname, username } = new URL(users.url);
    const sent: string[] = [];
    const connect = recording(connectByMysql2({ host, port: Number(port), database: pathname.slice(1) }), sent);
    const database = mysqlUsers({ connect, name: 'recorded', admin: { username, password: new Redacted('') } });
    const login = { username: users.nameOf('api'), password: new Redacted('canary-password') };
    await database.changePassword(login, { confirm: () => Promise.resolve(), signal });
    expect(sent.join()).toContain("USING '*");
    expect(sent.join()).not.toContain('canary');
    await users.database.logIn(login, { signal });
  });

  it('tells of a probe that is refused', async () => {
    await users.add({ api: 'old-password' });
    const login = { username: users.nameOf('api'), password: new Redacted('old-password') };
    const probed = users.database.logIn(login, { probe: 'SELECT 1 FROM mysql.user', signal });
    await expect(probed).rejects.toMatchObject({ code: 'SECRETS_LOGIN_REFUSED' });
  });
});
