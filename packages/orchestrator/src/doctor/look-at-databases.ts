import { reportError } from '@maestro/core';

import { openDatabase } from '../migrations/open-database.ts';
import { openEnvironmentMigrations } from '../migrations/open-migrations.ts';
import { releaseDatabase } from '../migrations/release-database.ts';
import { fetchDatabaseSecrets, type MigratedService, migratedServices } from '../migrations/service-databases.ts';
import { databaseSecrets } from '@maestro/registry';
import { openStore, type SecretPlace } from './look-at-secrets.ts';
import { Nothing } from './nothing.ts';
import type { DatabaseFacts, MigrationFacts } from './world.ts';

const versionQueries = {
  mysql: 'SELECT version() AS version',
  postgresql: "SELECT current_setting('server_version') AS version",
  sqlite: 'SELECT sqlite_version() AS version',
} as const;

/** Asks each database what it is. */
export async function lookAtDatabases(place: SecretPlace): Promise<readonly DatabaseFacts[] | Nothing> {
  const services = migratedServices(place.environment, undefined);
  if (services.length === 0) return new Nothing('no service has a database');
  return await Promise.all(services.map((service) => lookAtDatabase(place, service)));
}

async function lookAtDatabase(place: SecretPlace, { name, database }: MigratedService): Promise<DatabaseFacts> {
  const { environment, clock, logger, signal } = place;
  const { adapter } = database;
  try {
    await using store = await openStore(place);
    const needs = [{ name, secrets: databaseSecrets(database) }];
    const secretsOf = await fetchDatabaseSecrets({ secrets: store, clock, logger }, needs, signal);
    const opened = await openDatabase({
      service: name,
      database: releaseDatabase({ name, database }, environment),
      secrets: secretsOf(name),
      clock,
    });
    try {
      const read = await opened.read(
        ({ query }) => query<{ readonly version: string }>(versionQueries[adapter]),
        signal,
      );
      return { service: name, adapter, version: read[0]?.version ?? null, failure: null };
    } finally {
      await opened.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    return { service: name, adapter, version: null, failure: reportError(error) };
  }
}

/** Compares what each database had applied with the files, and has the files looked over. */
export async function lookAtMigrations(place: SecretPlace): Promise<readonly MigrationFacts[] | Nothing> {
  const services = migratedServices(place.environment, undefined).map(({ name }) => name);
  if (services.length === 0) return new Nothing('no service has a database');
  await using secrets = await openStore(place);
  const migrations = openEnvironmentMigrations({ ...place, secrets });
  const { signal } = place;
  const [{ databases }, findings] = await Promise.all([migrations.status({ signal }), migrations.lint({ signal })]);
  return databases.map((one) => ({
    service: one.name,
    status: 'status' in one ? one.status : null,
    failure: 'error' in one ? one.error : null,
    findings: findings.filter(({ service }) => service === one.name),
  }));
}
