import { join } from 'node:path';

import { openMigrations } from '@maestro/migrations';
import { databaseSecrets, type ResolvedEnvironment } from '@maestro/registry';

import { Journals } from './journal/journal.ts';
import type { DeploymentLock } from './lock/deployment-lock.ts';
import { openDatabase } from './migrations/open-database.ts';
import { fetchDatabaseSecrets } from './migrations/service-databases.ts';
import type { Parts } from './release/parts.ts';
import { ReleaseDefinitions } from './release/release-definitions.ts';

/** What the composition of every environment is told. */
export interface CompositionOptions extends Pick<Parts, 'by' | 'clock' | 'logger' | 'registryFiles' | 'secrets'> {
  readonly environment: ResolvedEnvironment;
  readonly lock: DeploymentLock;
}

/** The parts that are the same whatever runs an environment: what is kept in its state folder, and its databases. */
export function commonParts({ environment, registryFiles, lock, secrets, by, logger, clock }: CompositionOptions) {
  const state = (name: string) => join(environment.stateFolder, name);
  const migrations: Parts['migrations'] = async ({ service, folder, database, onEvent, signal }) => {
    const needs = [{ name: service, secrets: databaseSecrets(database) }];
    const secretsOf = await fetchDatabaseSecrets({ secrets, clock, logger }, needs, signal);
    const opened = await openDatabase({ service, database, secrets: secretsOf(service), clock });
    return openMigrations({ service, folder, database: opened, clock, logger, onEvent });
  };
  return {
    environment,
    registryFiles,
    secrets,
    definitions: new ReleaseDefinitions(state('releases')),
    journals: new Journals({ folder: state('journal'), clock, logger }),
    lock,
    clock,
    logger,
    by,
    migrations,
  };
}
