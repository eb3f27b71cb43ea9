import { readFile } from 'node:fs/promises';

import { type Clock, messageOf, type Redacted } from '@maestro/core';
import type { MigrationDatabase } from '@maestro/migrations';

import { badDatabaseUrl, unreadableCertificate } from './errors.ts';
import type { ReleaseDatabase } from './release-database.ts';

export interface OpenDatabaseOptions {
  readonly service: string;
  readonly database: ReleaseDatabase;
  /** Those that the database is reached with, by name. */
  readonly secrets: Readonly<Record<string, Redacted>>;
  readonly clock: Clock;
}

type ServerDatabase = Exclude<ReleaseDatabase, { adapter: 'sqlite' }>;

/** Opens a service's database with the adapter that it names, which is loaded only then; nothing is connected yet. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<MigrationDatabase> {
  const { database, clock } = options;
  switch (database.adapter) {
    case 'sqlite': {
      const { sqliteDatabase } = await import('@maestro/migrations/sqlite');
      return sqliteDatabase({ file: database.file });
    }
    case 'postgresql': {
      const { postgresqlDatabase } = await import('@maestro/migrations/postgresql');
      return postgresqlDatabase({
        ...(await addressOf(database, options)),
        schema: database.schema ?? undefined,
        clock,
      });
    }
    case 'mysql': {
      const { mysqlDatabase } = await import('@maestro/migrations/mysql');
      return mysqlDatabase({ ...(await addressOf(database, options)), clock });
    }
  }
}

async function addressOf(database: ServerDatabase, { service, secrets }: OpenDatabaseOptions) {
  const { adapter, address } = database;
  const tls = await trusted(database, service);
  if ('urlSecret' in address)
    return { url: checkedUrl(secrets[address.urlSecret], { service, adapter, address }), tls };
  const { host, port, user, passwordSecret } = address;
  const password = passwordSecret === null ? undefined : secrets[passwordSecret];
  return { host, port, user, password, database: address.database, tls };
}

const protocols = { mysql: ['mysql:', 'mariadb:'], postgresql: ['postgres:', 'postgresql:'] } as const;

interface NamedUrl {
  readonly service: string;
  readonly adapter: keyof typeof protocols;
  readonly address: { readonly urlSecret: string };
}

/** Looked at here, because whoever fails to read a URL repeats it, its password included. */
export function checkedUrl(
  url: Redacted | undefined,
  { service, adapter, address: { urlSecret } }: NamedUrl,
): Redacted {
  const parsed = URL.parse(url?.reveal() ?? '');
  const known: readonly string[] = protocols[adapter];
  const isComplete =
    parsed !== null && known.includes(parsed.protocol) && parsed.hostname !== '' && parsed.pathname.length > 1;
  if (url === undefined || !isComplete) throw badDatabaseUrl(service, { secret: urlSecret, adapter });
  return url;
}

async function trusted({ tls }: ServerDatabase, service: string): Promise<boolean | { readonly ca: string }> {
  if (typeof tls === 'boolean') return tls;
  try {
    return { ca: await readFile(tls.ca, 'utf8') };
  } catch (error) {
    throw unreadableCertificate(service, tls.ca, messageOf(error));
  }
}
