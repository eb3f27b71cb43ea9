import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import { openBlueGreen } from '@maestro/bluegreen';
import { openEmbedded } from '@maestro/bluegreen/embedded';
import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';
import { assembleImage, type ImageKey, readGitSource } from '@maestro/image-store';
import { openEmbeddedImageStore, openFileReleaseHistory } from '@maestro/image-store/embedded';
import { openMigrations } from '@maestro/migrations';
import { databaseSecrets, loadRegistry, type ResolvedEnvironment, resolveEnvironment } from '@maestro/registry';

import { containerEnvironment } from './container-environment.ts';
import type { Environment } from './environment.ts';
import { openedOnce, openImages } from './images/open-images.ts';
import { Journals } from './journal/journal.ts';
import { FileLock } from './lock/file-lock.ts';
import { openEnvironmentMigrations } from './migrations/open-migrations.ts';
import { openDatabase } from './migrations/open-database.ts';
import { fetchDatabaseSecrets } from './migrations/service-databases.ts';
import { openSecretStore } from './open-secret-store.ts';
import { abort, deploy, resume, rollback } from './release/conduct.ts';
import type { Parts } from './release/parts.ts';
import { proposeDeployment } from './release/propose-deployment.ts';
import { ReleaseDefinitions } from './release/release-definitions.ts';
import { openEnvironmentSecrets, type SecretParts } from './secrets/open-environment-secrets.ts';
import { observeStatus } from './status.ts';

export interface OpenEnvironmentOptions {
  /** Path of the registry file; by default `maestro.config.{ts,mts,js,mjs,json,yaml,yml}`, looked for from `cwd` upwards. */
  readonly config?: string | undefined;
  readonly environment: string;
  /** The current folder by default. */
  readonly cwd?: string | undefined;
  /** Silent by default. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

const imagesFolder = 'images';

/**
 * Opens an environment of a project: reads the registry and joins the adapters that the environment names.
 * Changes nothing yet. Throws `REGISTRY_NOT_FOUND`, `REGISTRY_INVALID` and the other errors of loading a registry.
 */
export async function openEnvironment(options: OpenEnvironmentOptions): Promise<Environment> {
  const { config, cwd, logger = silentLogger, clock = systemClock } = options;
  const loaded = await loadRegistry({
    ...(config === undefined ? {} : { config }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const environment = resolveEnvironment(loaded, options.environment);
  const by = `${userInfo().username}@${hostname()}`;
  const secrets = openSecretStore(environment, { logger });
  const other = (name: string) => resolveEnvironment(loaded, name);
  if (environment.images !== null) {
    return containerEnvironment({ environment, images: environment.images, secrets, other, by, clock, logger });
  }
  const parts = embeddedParts(environment, { secrets, by, logger, clock });
  return embeddedEnvironment(parts, { environment, secrets, other, clock, logger });
}

function embeddedEnvironment(parts: Parts, secretParts: SecretParts): Environment {
  const { environment } = parts;
  return {
    project: environment.project,
    name: environment.name,
    plan: async (planOptions = {}) => {
      const signal = planOptions.signal ?? new AbortController().signal;
      const { hash, steps, services } = (await proposeDeployment(parts, planOptions, signal)).plan;
      return { environment: environment.name, hash, steps, services };
    },
    deploy: (deployOptions = {}) => deploy(parts, deployOptions),
    rollback: (rollbackOptions = {}) => rollback(parts, rollbackOptions),
    resume: (runOptions = {}) => resume(parts, runOptions),
    abort: (runOptions = {}) => abort(parts, runOptions),
    status: ({ signal } = {}) => observeStatus(parts, signal),
    history: ({ signal } = {}) => parts.history.list({ environment: environment.name }, { signal }),
    images: openImages(
      openedOnce(async () => {
        const { embeddedImages } = await import('./images/embedded-images.ts');
        return embeddedImages(parts, { imagesFolder: join(environment.stateFolder, imagesFolder) });
      }),
    ),
    migrations: openEnvironmentMigrations(parts),
    secrets: openEnvironmentSecrets(secretParts),
    stop: async ({ signal } = {}) => {
      await using _ = await parts.lock.acquire('stop');
      await parts.shutdown(signal);
    },
    // Nothing else stays open between two calls.
    [Symbol.asyncDispose]: async () => {
      await secretParts.secrets?.[Symbol.asyncDispose]();
    },
  };
}

/** The parts of an embedded environment, all of them in folders of its state. */
function embeddedParts(
  environment: ResolvedEnvironment,
  { secrets, by, logger, clock }: Pick<Parts, 'by' | 'clock' | 'logger' | 'secrets'>,
): Parts {
  const state = (name: string) => join(environment.stateFolder, name);
  const images = openEmbeddedImageStore({ folder: state(imagesFolder), clock, logger });
  const repositoryOf = (service: string) => `${environment.project}-${service}`;

  const unpackedFolder = ({ repository, digest }: ImageKey) =>
    join(state('unpacked'), repository, digest.replace(':', '-'));
  const unpack: Parts['unpack'] = async ({ repository, digest }) => {
    const folder = unpackedFolder({ repository, digest });
    await images.unpack({ repository, digest, folder });
    return folder;
  };
  const embedded = openEmbedded({
    stateFolder: environment.stateFolder,
    clock,
    unpack: ({ service, digest }) => unpack({ repository: repositoryOf(service), digest }),
  });

  return {
    environment,
    images,
    history: openFileReleaseHistory({ folder: state('history'), logger }),
    secrets,
    definitions: new ReleaseDefinitions(state('releases')),
    journals: new Journals({ folder: state('journal'), clock, logger }),
    lock: new FileLock({ folder: state('locks'), clock, logger }),
    clock,
    logger,
    by,
    assemble: async (service, { ref, signal }) => {
      const source = await readGitSource({ folder: service.contextFolder, ref, signal });
      const image = await assembleImage({
        source,
        repository: repositoryOf(service.name),
        environment: environment.name,
      });
      return { image, files: source.files };
    },
    unpack,
    removeUnpacked: (image) => rm(unpackedFolder(image), { recursive: true, force: true }),
    blueGreen: (onEvent) =>
      openBlueGreen({ runtime: embedded.runtime, router: embedded.router, onEvent, clock, logger }),
    addresses: () => embedded.router.addresses(),
    migrations: async ({ service, folder, database, onEvent, signal }) => {
      const needs = [{ name: service, secrets: databaseSecrets(database) }];
      const secretsOf = await fetchDatabaseSecrets({ secrets, clock, logger }, needs, signal);
      const opened = await openDatabase({ service, database, secrets: secretsOf(service), clock });
      return openMigrations({ service, folder, database: opened, clock, logger, onEvent });
    },
    ensureRunning: (signal) => embedded.ensureRunning({ signal }),
    shutdown: (signal) => embedded.shutdown({ signal }),
  };
}
