import type { Redacted } from '@maestro/core';
import type pg from 'pg';

/** How the server is reached. */
export type PostgresqlAddress =
  | {
      /** `postgres://user:password@host:5432/database?sslmode=verify-full` */
      readonly url: string | Redacted;
    }
  | {
      readonly host: string;
      /** 5432 by default. */
      readonly port?: number | undefined;
      readonly user: string;
      readonly password?: Redacted | undefined;
      readonly database: string;
      /** Whether the server must prove who it is, by the system's authorities or by this one; false by default. */
      readonly tls?: boolean | { readonly ca: string } | undefined;
    };

const keepAliveMs = 10_000;

export function clientConfig(address: PostgresqlAddress): pg.ClientConfig {
  const common = {
    application_name: 'maestro-migrations',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  };
  if ('url' in address) return { ...common, connectionString: revealed(address.url) };
  const { host, port = 5432, user, password, database, tls = false } = address;
  const ssl = typeof tls === 'boolean' ? tls : { ca: tls.ca, rejectUnauthorized: true };
  return { ...common, host, port, user, password: password?.reveal(), database, ssl };
}

/** Without credentials. */
export function locationOf(address: PostgresqlAddress, schema: string | undefined): string {
  const suffix = schema === undefined ? '' : `?schema=${schema}`;
  if (!('url' in address)) return `postgresql://${address.host}:${address.port ?? 5432}/${address.database}${suffix}`;
  const { hostname, port, pathname } = new URL(revealed(address.url));
  return `postgresql://${hostname}:${port || '5432'}${pathname}${suffix}`;
}

function revealed(url: string | Redacted): string {
  return typeof url === 'string' ? url : url.reveal();
}
