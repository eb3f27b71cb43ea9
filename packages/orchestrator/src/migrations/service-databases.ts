import type { Clock, Logger, Observer, Redacted, Timed } from '@maestro/core';
import {
  type BatchDatabase,
  type BatchEvent,
  type MigrationEvent,
  type Migrations,
  openMigrations,
} from '@maestro/migrations';
import { databaseSecrets, type ResolvedDatabase, type ResolvedEnvironment, selectServices } from '@maestro/registry';
import { prepareSecrets, type SecretStore } from '@maestro/secrets';

import { noDatabase } from './errors.ts';
import { openDatabase } from './open-database.ts';
import { releaseDatabase } from './release-database.ts';

/** What the databases of an environment are reached with. */
export interface MigrationParts {
  readonly environment: ResolvedEnvironment;
  /** Null where no service of the environment needs a secret. */
  readonly secrets: SecretStore | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A service with the database that its migrations run on. */
export interface MigratedService {
  readonly name: string;
  readonly database: ResolvedDatabase;
}

/** The services by name, all that have a database by default; throws `ORCHESTRATOR_NO_DATABASE` for a named one without. */
export function migratedServices(
  { services }: ResolvedEnvironment,
  names: readonly string[] | undefined,
): readonly MigratedService[] {
  return selectServices(services, names).flatMap(({ name, database }) => {
    if (database !== null) return [{ name, database }];
    if (names !== undefined) throw noDatabase(name);
    return [];
  });
}

/** How to open each service's database; the secrets of all of them are fetched in one go. */
export async function databases(
  parts: MigrationParts,
  services: readonly MigratedService[],
  signal: AbortSignal | undefined,
): Promise<readonly BatchDatabase[]> {
  const { environment, clock } = parts;
  const needs = services.map(({ name, database }) => ({ name, secrets: databaseSecrets(database) }));
  const secretsOf = await fetchDatabaseSecrets(parts, needs, signal);
  return services.map(({ name, database }) => ({
    name,
    service: name,
    folder: database.migrationsFolder,
    dump: database.dumpFile === null ? undefined : { file: database.dumpFile },
    open: () =>
      openDatabase({
        service: name,
        database: releaseDatabase({ name, database }, environment),
        secrets: secretsOf(name),
        clock,
      }),
  }));
}

export interface WithDatabaseOptions {
  readonly service: string;
  readonly onEvent?: Observer<BatchEvent> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Has `work` use the migrations of one service, and closes its database. */
export async function withDatabase<T>(
  parts: MigrationParts,
  { service, onEvent, signal }: WithDatabaseOptions,
  work: (migrations: Migrations) => Promise<T>,
): Promise<T> {
  const { clock, logger } = parts;
  const [found] = await databases(parts, migratedServices(parts.environment, [service]), signal);
  if (found === undefined) throw noDatabase(service);
  const { open, name: database, ...options } = found;
  await using migrations = openMigrations({
    ...options,
    database: await open(),
    clock,
    logger,
    onEvent: (event: Timed<MigrationEvent>) => onEvent?.({ ...event, database }),
  });
  return await work(migrations);
}

/** The secrets of each service's database by name; none for one that needs none. */
export async function fetchDatabaseSecrets(
  { secrets: store, clock, logger }: Pick<MigrationParts, 'clock' | 'logger' | 'secrets'>,
  needs: readonly { readonly name: string; readonly secrets: readonly string[] }[],
  signal: AbortSignal | undefined,
): Promise<(service: string) => Readonly<Record<string, Redacted>>> {
  const needing = needs.filter(({ secrets }) => secrets.length > 0);
  if (store === null || needing.length === 0) return () => ({});
  const prepared = await prepareSecrets({ store, services: needing, clock, logger, signal });
  const names = new Set(needing.map(({ name }) => name));
  return (service) => (names.has(service) ? prepared.forService(service) : {});
}
