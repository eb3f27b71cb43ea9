import { resolve } from 'node:path';

import type { Service } from './registry-schema.ts';
import type { Rotation } from './rotation-schema.ts';

/** Where a service's data is, and the folder of its migrations. */
export type ResolvedDatabase = ResolvedSqliteDatabase | ResolvedServerDatabase;

interface Migrated {
  /** Relative to the service's folder. */
  readonly migrations: string;
  /** Absolute path of `migrations`. */
  readonly migrationsFolder: string;
  /** Absolute path of the file that the schema is written to after a run; null for none. */
  readonly dumpFile: string | null;
}

export interface ResolvedSqliteDatabase extends Migrated {
  readonly adapter: 'sqlite';
  /** Relative to the environment's data folder. */
  readonly file: string;
  /** The variable that tells the service the file. */
  readonly variable: string;
}

/** A database on a server; holds names of secrets and no secret. */
export interface ResolvedServerDatabase extends Migrated {
  readonly adapter: 'mysql' | 'postgresql';
  readonly address: DatabaseAddress;
  /** Where tables are looked for and made; null for the user's own search path, and in MySQL. */
  readonly schema: string | null;
  /** Whether the server must prove who it is: by the system's authorities, or by the certificate in a file. */
  readonly tls: boolean | { readonly ca: string };
  /** How the login of its services is rotated; null where Maestro does not. */
  readonly rotation: ResolvedRotation | null;
}

export type ResolvedRotation = Readonly<Rotation>;

export type DatabaseAddress =
  | {
      /** Name of the secret with the URL. */
      readonly urlSecret: string;
    }
  | {
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
      /** Name of the secret with the password; null where there is none. */
      readonly passwordSecret: string | null;
      /** The variable that tells the service the URL, without the password. */
      readonly variable: string;
    };

type Database = NonNullable<Service['database']>;
type ServerDatabase = Exclude<Database, { adapter: 'sqlite' }>;

const defaultPorts = { mysql: 3306, postgresql: 5432 } as const;

export function resolveDatabase(
  database: Database,
  { contextFolder, root }: { readonly contextFolder: string; readonly root: string },
): ResolvedDatabase {
  const { adapter, migrations, dump } = database;
  const migrated = {
    migrations,
    migrationsFolder: resolve(contextFolder, migrations),
    dumpFile: dump === undefined ? null : resolve(contextFolder, dump),
  };
  if (adapter === 'sqlite') return { adapter, file: database.file, variable: database.variable, ...migrated };
  const { tls = false } = database;
  return {
    adapter,
    ...migrated,
    address: addressOf(database),
    schema: (adapter === 'postgresql' ? database.schema : undefined) ?? null,
    tls: typeof tls === 'boolean' ? tls : { ca: resolve(root, tls.ca) },
    rotation: database.rotation ?? null,
  };
}

/** The schema has seen to it that either the URL or the parts are there. */
function addressOf(options: ServerDatabase): DatabaseAddress {
  const { adapter, urlSecret, host = '', port, database = '', user = '', passwordSecret, variable } = options;
  if (urlSecret !== undefined) return { urlSecret };
  return {
    host,
    port: port ?? defaultPorts[adapter],
    database,
    user,
    passwordSecret: passwordSecret ?? null,
    variable: variable ?? 'DATABASE_URL',
  };
}

/** The names of the secrets that a database is reached with. */
export function databaseSecrets(
  database: Pick<ResolvedServerDatabase, 'adapter' | 'address'> | { readonly adapter: 'sqlite' } | null,
): readonly string[] {
  if (database === null || database.adapter === 'sqlite') return [];
  const { address } = database;
  if ('urlSecret' in address) return [address.urlSecret];
  return address.passwordSecret === null ? [] : [address.passwordSecret];
}
