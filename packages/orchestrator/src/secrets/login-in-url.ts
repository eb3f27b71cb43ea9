import { Redacted } from '@maestro/core';
import type { DatabaseAddress, DatabaseLogin } from '@maestro/secrets';

/** What a complete URL of a database says: where it is, whether the server must prove who it is, and who logs in. */
export interface LoginInUrl extends DatabaseLogin {
  readonly address: DatabaseAddress;
  /** Path of the certificate to trust, where the URL names one. */
  readonly certificate: string | null;
}

/** Every mode of PostgreSQL's `sslmode` that asks for TLS at all has the server prove who it is. */
const withoutTls: ReadonlySet<string | null> = new Set([null, 'disable', 'allow']);

export function loginInUrl(url: Redacted): LoginInUrl {
  const { hostname, port, pathname, username, password, searchParams } = new URL(url.reveal());
  return {
    address: {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? undefined : Number(port),
      database: decodeURIComponent(pathname.slice(1)),
      tls: !withoutTls.has(searchParams.get('sslmode')),
    },
    certificate: searchParams.get('sslrootcert'),
    username: decodeURIComponent(username),
    password: new Redacted(decodeURIComponent(password)),
  };
}
