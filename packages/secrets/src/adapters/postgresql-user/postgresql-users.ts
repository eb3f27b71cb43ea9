import type { DatabaseLogin, LogInOptions, LoginDatabase } from '../../ports/login-database.ts';
import type { SetSecretOptions } from '../../ports/rotation-strategy.ts';
import type { ConnectSql, DatabaseConnection, SqlSession } from '../../ports/sql-session.ts';
import { adminRefused, databaseFailed, loginMissing, loginRefused, notRotatable } from '../../rotation/errors.ts';
import { translatedSql, type TranslateSql } from '../../rotation/translated-sql.ts';
import { connectByPg } from './pg-session.ts';
import { scramVerifier } from './scram-verifier.ts';

export type PostgresqlUsersOptions = DatabaseConnection & {
  /** Who may change the passwords: with CREATEROLE, from PostgreSQL 16 on also with ADMIN OPTION on both users. */
  readonly admin: DatabaseLogin;
};

/** The users of a PostgreSQL server, 11 or newer. What is sent of a password is its SCRAM-SHA-256 verifier only. */
export function postgresqlUsers(options: PostgresqlUsersOptions): LoginDatabase {
  const { admin } = options;
  if (options.connect !== undefined) return new PostgresqlUsers(options.name, options.connect, admin);
  const { host, port = 5432, database } = options.address;
  return new PostgresqlUsers(`postgresql://${host}:${port}/${database}`, connectByPg(options.address), admin);
}

/** For others that change the same user's password, and for the statement itself. */
const lockTimeout = '30s';
const statementTimeout = '60s';

class PostgresqlUsers implements LoginDatabase {
  readonly name: string;
  readonly #connect: ConnectSql;
  readonly #admin: DatabaseLogin;

  constructor(name: string, connect: ConnectSql, admin: DatabaseLogin) {
    this.name = name;
    this.#connect = connect;
    this.#admin = admin;
  }

  async changePassword({ username, password }: DatabaseLogin, { confirm, signal }: SetSecretOptions): Promise<void> {
    const verifier = await scramVerifier(password);
    if (verifier === undefined) throw notRotatable(`the password of ${username}`, 'printable ASCII characters');
    const translate: TranslateSql = (code) =>
      refusals.test(code) ? adminRefused(this.name, this.#admin.username, code) : databaseFailed(this.name, code);
    await using session = await translatedSql(this.#connect, translate)(this.#admin, { signal });
    // The lock goes with the transaction and the transaction with the connection: who has lost it changes nothing.
    await session.execute('BEGIN');
    await session.execute(`SET LOCAL lock_timeout = '${lockTimeout}'`);
    await session.execute(`SET LOCAL statement_timeout = '${statementTimeout}'`);
    await session.execute("SELECT pg_advisory_xact_lock(hashtextextended('maestro-secrets ' || $1, 0))", [username]);
    if (!(await hasUser(session, username))) throw loginMissing(this.name, username, howToCreate);
    await confirm();
    await session.execute(`ALTER ROLE ${identifier(username)} PASSWORD '${verifier}'`);
    await session.execute('COMMIT');
  }

  async logIn(login: DatabaseLogin, { probe = 'SELECT 1', signal }: LogInOptions): Promise<void> {
    const translate: TranslateSql = (code, statement) => {
      if (!refusals.test(code)) return databaseFailed(this.name, code);
      const problem = statement === undefined ? 'cannot log in' : `cannot run the probe "${statement}"`;
      return loginRefused(this.name, login.username, problem, code);
    };
    await using session = await translatedSql(this.#connect, translate)(login, { signal });
    await session.execute(probe);
  }
}

const howToCreate =
  'CREATE ROLE x_clone LOGIN IN ROLE x; ALTER ROLE x_clone SET role = x -- so that what it creates belongs to x';

/** Authorization of any kind, a database that is not there, and what a probe stumbles over. */
const refusals = /^(?:28|3D|42)/;

/** Compared as text: as a name, what is longer than names may be is cut off and taken for another one. */
async function hasUser(session: SqlSession, username: string): Promise<boolean> {
  const rows = await session.execute('SELECT 1 FROM pg_catalog.pg_roles WHERE rolname::text = $1::text', [username]);
  return rows.length > 0;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
