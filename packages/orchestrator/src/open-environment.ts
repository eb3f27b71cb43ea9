import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import { openBlueGreen } from '@maestro/bluegreen';
import { openEmbedded } from '@maestro/bluegreen/embedded';
import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';
import { assembleImage, type ImageKey, readGitSource } from '@maestro/image-store';
import { openEmbeddedImageStore, openFileReleaseHistory } from '@maestro/image-store/embedded';
import { openMigrations } from '@maestro/migrations';
import { sqliteDatabase } from '@maestro/migrations/sqlite';
import { loadRegistry, type ResolvedEnvironment, resolveEnvironment } from '@maestro/registry';
import type { SecretStore } from '@maestro/secrets';

import { containerEnvironment } from './container-environment.ts';
import type { Environment } from './environment.ts';
import { openImages } from './images/open-images.ts';
import { Journals } from './journal/journal.ts';
import { FileLock } from './lock/file-lock.ts';
import { abort, deploy, resume, rollback } from './release/conduct.ts';
import type { Parts } from './release/parts.ts';
import { proposeDeployment } from './release/propose-deployment.ts';
import { ReleaseDefinitions } from './release/release-definitions.ts';
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
  if (environment.images !== null) {
    return containerEnvironment({ environment, images: environment.images, by, clock, logger });
  }
  return embeddedEnvironment(embeddedParts(environment, { by, logger, clock }));
}

function embeddedEnvironment(parts: Parts): Environment {
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
    images: openImages(async () => {
      const { embeddedImages } = await import('./images/embedded-images.ts');
      return embeddedImages(parts, { imagesFolder: join(environment.stateFolder, imagesFolder) });
    }),
    stop: async ({ signal } = {}) => {
      await using _ = await parts.lock.acquire('stop');
      await parts.shutdown(signal);
    },
    // Nothing stays open between two calls; a script that disposes of it need not know.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The parts of an embedded environment, all of them in folders of its state. */
function embeddedParts(
  environment: ResolvedEnvironment,
  { by, logger, clock }: { readonly by: string; readonly logger: Logger; readonly clock: Clock },
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
    secrets: secretStore(environment, { keyFile: state('fingerprint.key'), logger }),
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
    migrations: ({ service, folder, databaseFile, onEvent }) =>
      Promise.resolve(
        openMigrations({ service, folder, database: sqliteDatabase({ file: databaseFile }), clock, logger, onEvent }),
      ),
    ensureRunning: (signal) => embedded.ensureRunning({ signal }),
    shutdown: (signal) => embedded.shutdown({ signal }),
  };
}

/** Null where no service of the environment needs a secret. The adapter and its key are made ready at the first fetch. */
function secretStore(
  { secrets }: ResolvedEnvironment,
  { keyFile, logger }: { readonly keyFile: string; readonly logger: Logger },
): SecretStore | null {
  if (secrets === undefined) return null;
  const { file } = secrets;
  const open = async () => {
    const { dotenvStore, loadFingerprintKey } = await import('@maestro/secrets/dotenv');
    return dotenvStore({ file, fingerprintKey: await loadFingerprintKey(keyFile), logger });
  };
  let opened: Promise<SecretStore> | undefined;
  return {
    name: file,
    fetch: async (names, options) => {
      opened ??= open();
      return (await opened).fetch(names, options);
    },
  };
}
