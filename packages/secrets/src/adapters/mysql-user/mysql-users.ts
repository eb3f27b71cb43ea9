import { createHash } from 'node:crypto';

import type { DatabaseLogin, LogInOptions, LoginDatabase } from '../../ports/login-database.ts';
import type { SetSecretOptions } from '../../ports/rotation-strategy.ts';
import type { ConnectSql, DatabaseConnection, SqlSession } from '../../ports/sql-session.ts';
import { adminRefused, databaseFailed, loginMissing, loginRefused } from '../../rotation/errors.ts';
import { translatedSql, type TranslateSql } from '../../rotation/translated-sql.ts';
import { connectByMysql2 } from './mysql2-session.ts';
import { nativeHash } from './native-hash.ts';

export type MysqlUsersOptions = DatabaseConnection & {
  /** Who may change the passwords: with CREATE USER. */
  readonly admin: DatabaseLogin;
  /** From where the users may log in, the part of their names behind the `@`; `%` by default. */
  readonly accountHost?: string | undefined;
};

/**
 * The users of a MySQL or MariaDB server. MariaDB is sent the hash of a password. MySQL has no hash that can be sent for
 * its own kind of login; it hides the password from its logs.
 */
export function mysqlUsers(options: MysqlUsersOptions): LoginDatabase {
  const { admin, accountHost = '%' } = options;
  if (options.connect !== undefined) return new MysqlUsers(options.name, options.connect, { admin, accountHost });
  const { host, port = 3306, database } = options.address;
  const name = `mysql://${host}:${port}/${database}`;
  return new MysqlUsers(name, connectByMysql2(options.address), { admin, accountHost });
}

const lockTimeoutSeconds = '30';

class MysqlUsers implements LoginDatabase {
  readonly name: string;
  readonly #connect: ConnectSql;
  readonly #admin: DatabaseLogin;
  readonly #accountHost: string;

  constructor(
    name: string,
    connect: ConnectSql,
    { admin, accountHost }: { readonly admin: DatabaseLogin; readonly accountHost: string },
  ) {
    this.name = name;
    this.#connect = connect;
    this.#admin = admin;
    this.#accountHost = accountHost;
  }

  async changePassword({ username, password }: DatabaseLogin, { confirm, signal }: SetSecretOptions): Promise<void> {
    const account = `${literal(username)}@${literal(this.#accountHost)}`;
    const translate: TranslateSql = (code) => {
      if (code === noSuchUser) return loginMissing(this.name, account, howToCreate);
      return refusals.test(code)
        ? adminRefused(this.name, this.#admin.username, code)
        : databaseFailed(this.name, code);
    };
    await using session = await translatedSql(this.#connect, translate)(this.#admin, { signal });
    // A quote is then the only character with a meaning inside quotes.
    await session.execute("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'");
    const isMariadb = await isSentHashes(session);
    // The lock goes with the connection: who has lost it changes nothing.
    await this.#lock(session, username);
    await confirm();
    const proof = isMariadb
      ? `VIA mysql_native_password USING '${nativeHash(password)}'`
      : `BY ${literal(password.reveal())}`;
    await session.execute(`ALTER USER ${account} IDENTIFIED ${proof}`);
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

  /** By a hash of the name, as names of locks are short and are compared without case. */
  async #lock(session: SqlSession, username: string): Promise<void> {
    const lock = `maestro-secrets-${createHash('sha256').update(username).digest('hex').slice(0, 32)}`;
    const [row] = await session.execute('SELECT GET_LOCK(?, ?) AS got', [lock, lockTimeoutSeconds]);
    if (Number(row?.got) !== 1) throw databaseFailed(this.name, `the password of ${username} is being changed`);
  }
}

const howToCreate = "CREATE USER 'x_clone'@'%'; and each line of SHOW GRANTS FOR 'x'@'%' for it";

/** Of an ALTER USER for somebody who is not there. */
const noSuchUser = 'ER_CANNOT_USER';
/** ER_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE … */
const refusals = /DENIED|LOCKED|ER_BAD_|ER_NO_SUCH_TABLE|ER_PARSE_ERROR|ER_MUST_CHANGE_PASSWORD/;

async function isSentHashes(session: SqlSession): Promise<boolean> {
  const [row] = await session.execute('SELECT VERSION() AS version');
  return String(row?.version).includes('MariaDB');
}

/** In a session whose mode has no escapes. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
