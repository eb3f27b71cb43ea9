import { readFile } from 'node:fs/promises';

import { type Clock, type Logger, messageOf, Redacted } from '@maestro/core';
import type { ResolvedServerDatabase } from '@maestro/registry';
import {
  type DatabaseAddress,
  type DatabaseLogin,
  type LoginDatabase,
  prepareSecrets,
  type SecretStore,
} from '@maestro/secrets';

import { unreadableCertificate } from '../migrations/errors.ts';
import { checkedUrl } from '../migrations/open-database.ts';
import { loginInUrl } from './login-in-url.ts';
import type { RegisteredRotation } from './registered-rotations.ts';

export interface OpenLoginDatabaseOptions {
  readonly store: SecretStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
}

/** The database whose users' passwords a rotation changes, with who changes them; nothing is connected yet. */
export async function openLoginDatabase(
  registered: RegisteredRotation,
  options: OpenLoginDatabaseOptions,
): Promise<LoginDatabase> {
  const { adapter } = registered.database;
  const { url, username, password } = await fetched(registered, options);
  const server = url === undefined ? serverOf(registered.database) : serverIn(url, registered);
  const login = {
    username: username?.reveal() ?? server.username,
    password: password ?? server.password,
  };
  const address = { ...server.address, tls: await trusted(server, registered.service) };
  if (adapter === 'postgresql') {
    const { postgresqlUsers } = await import('@maestro/secrets/postgresql');
    return postgresqlUsers({ address, admin: login });
  }
  const { mysqlUsers } = await import('@maestro/secrets/mysql');
  return mysqlUsers({ address, admin: login, accountHost: registered.rotation.accountHost });
}

/** What the registry names, by what it is for. */
async function fetched(
  { database: { address }, rotation: { adminSecret } }: RegisteredRotation,
  { store, ...options }: OpenLoginDatabaseOptions,
): Promise<Readonly<Partial<Record<'password' | 'url' | 'username', Redacted>>>> {
  const secrets: Record<string, string> = {};
  if ('urlSecret' in address) secrets.url = address.urlSecret;
  else if (address.passwordSecret !== null) secrets.password = address.passwordSecret;
  if (adminSecret !== undefined) {
    secrets.username = `${adminSecret}#username`;
    secrets.password = `${adminSecret}#password`;
  }
  if (Object.keys(secrets).length === 0) return {};
  const prepared = await prepareSecrets({ store, services: [{ name: 'rotation', secrets }], ...options });
  return prepared.forService('rotation');
}

/** A server, and who migrates its database. */
interface Server extends DatabaseLogin {
  readonly address: Omit<DatabaseAddress, 'tls'>;
  /** `ca` is a path. */
  readonly tls: boolean | { readonly ca: string };
}

/** The password comes from a secret: the registry has seen to it that one is named. */
function serverOf({ address, tls }: ResolvedServerDatabase): Server {
  if ('urlSecret' in address) throw new Error('a database whose URL is a secret has no address of its own');
  const { host, port, database, user } = address;
  return { address: { host, port, database }, tls, username: user, password: new Redacted('') };
}

function serverIn(url: Redacted, { service, database: { adapter, address, tls } }: RegisteredRotation): Server {
  if (!('urlSecret' in address)) throw new Error('a database with an address of its own has no URL');
  const { certificate, address: server, ...login } = loginInUrl(checkedUrl(url, { service, adapter, address }));
  const byUrl = certificate === null ? server.tls === true : { ca: certificate };
  return { ...login, address: server, tls: adapter === 'postgresql' ? byUrl : tls };
}

async function trusted({ tls }: Server, service: string): Promise<boolean | { readonly ca: string }> {
  if (typeof tls === 'boolean') return tls;
  try {
    return { ca: await readFile(tls.ca, 'utf8') };
  } catch (error) {
    throw unreadableCertificate(service, tls.ca, messageOf(error));
  }
}
