import type { Redacted } from '@maestro/core';
import type { ConnectionOptions } from 'mysql2/promise';

/** How the server is reached. */
export type MysqlAddress =
  | {
      /** `mysql://user:password@host:3306/database` */
      readonly url: string | Redacted;
      /** Whether the server must prove who it is, by the system's authorities or by this one; false by default. */
      readonly tls?: boolean | { readonly ca: string } | undefined;
    }
  | {
      readonly host: string;
      /** 3306 by default. */
      readonly port?: number | undefined;
      readonly user: string;
      readonly password?: Redacted | undefined;
      readonly database: string;
      readonly tls?: boolean | { readonly ca: string } | undefined;
    };

interface Fields {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
}

const connectTimeoutMs = 15_000;
const keepAliveMs = 10_000;

export function connectionOptions(address: MysqlAddress): ConnectionOptions {
  const { password, ...fields } = fieldsOf(address);
  const { tls = false } = address;
  return {
    ...fields,
    ...(password === undefined ? {} : { password }),
    ...(tls === false ? {} : { ssl: { rejectUnauthorized: true, ...(tls === true ? {} : { ca: tls.ca }) } }),
    charset: 'utf8mb4',
    multipleStatements: false,
    supportBigNumbers: true,
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  };
}

/** Without credentials. */
export function locationOf(address: MysqlAddress): string {
  const { host, port, database } = fieldsOf(address);
  return `mysql://${host}:${port}/${database}`;
}

function fieldsOf(address: MysqlAddress): Fields {
  if (!('url' in address)) {
    const { host, port = 3306, user, password, database } = address;
    return { host, port, user, password: password?.reveal(), database };
  }
  const { hostname, port, username, password, pathname } = new URL(
    typeof address.url === 'string' ? address.url : address.url.reveal(),
  );
  return {
    host: hostname,
    port: port === '' ? 3306 : Number(port),
    user: decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  };
}
