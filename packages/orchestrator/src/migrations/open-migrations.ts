import { createMigration, openMigrationBatch } from '@maestro/migrations';
import { lintMigrations, lintPlan } from '@maestro/migrations/lint';

import type {
  EnvironmentMigrations,
  MigrationFinding,
  MigrationsOptions,
  RunMigrationsOptions,
} from './environment-migrations.ts';
import { databases, migratedServices, type MigrationParts, withDatabase } from './service-databases.ts';

/** The migrations of an environment, whatever it runs on. */
export function openEnvironmentMigrations(parts: MigrationParts): EnvironmentMigrations {
  const { environment } = parts;
  return {
    run: async (options = {}) => {
      const { phase, planHash, signal } = options;
      return (await openBatch(parts, options)).run({ phase, planHash, signal });
    },
    plan: async (options = {}) => {
      const { phase, signal } = options;
      return (await openBatch(parts, options)).plan({ phase, signal });
    },
    status: async (options = {}) => (await openBatch(parts, options, askedAtOnce)).status({ signal: options.signal }),
    rollback: ({ service, onEvent, signal, ...target }) =>
      withDatabase(parts, { service, onEvent, signal }, (migrations) => migrations.rollback({ ...target, signal })),
    create: async ({ service, name, kind }) => {
      const [migrated] = migratedServices(environment, [service]);
      return await createMigration({ folder: migrated?.database.migrationsFolder ?? '', name, kind });
    },
    lint: (options = {}) => lint(parts, options),
    repair: ({ service, signal, ...target }) =>
      withDatabase(parts, { service, signal }, (migrations) => migrations.repair({ ...target, signal })),
    adopt: ({ service, onEvent, signal, ...source }) =>
      withDatabase(parts, { service, onEvent, signal }, (migrations) => migrations.adopt({ ...source, signal })),
  };
}

/** Asking takes a moment, and most of that is the way to the server and back. */
const askedAtOnce = 50;

async function openBatch(
  parts: MigrationParts,
  { services: names, onEvent, signal }: RunMigrationsOptions,
  concurrency?: number,
) {
  const services = migratedServices(parts.environment, names);
  const folders = new Map(services.map(({ name, database }) => [name, database]));
  return openMigrationBatch({
    databases: await databases(parts, services, signal),
    lint: async ({ name, plan }) => {
      const database = folders.get(name);
      if (database === undefined) return [];
      return await lintPlan({ plan, folder: database.migrationsFolder, dialect: database.adapter, signal });
    },
    concurrency,
    clock: parts.clock,
    logger: parts.logger,
    onEvent,
  });
}

async function lint(
  { environment }: MigrationParts,
  { services, signal }: MigrationsOptions,
): Promise<readonly MigrationFinding[]> {
  const findings: MigrationFinding[] = [];
  for (const { name: service, database } of migratedServices(environment, services)) {
    const { migrationsFolder: folder, adapter: dialect } = database;
    const found = await lintMigrations({ folder, dialect, ...(signal && { signal }) });
    findings.push(...found.map((finding) => ({ service, ...finding })));
  }
  return findings;
}
