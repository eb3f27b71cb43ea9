import { join } from 'node:path';

import type { Clock, Logger } from '@maestro/core';
import { isUsable, imagesOfReleases, type ImageStore } from '@maestro/image-store';
import { openEmbeddedImageStore, openFileReleaseHistory } from '@maestro/image-store/embedded';
import type { ResolvedEnvironment } from '@maestro/registry';

import type { Environment } from '../environment.ts';
import type { DeploymentLock } from '../lock/deployment-lock.ts';
import { coverageFiles } from './checks/gates-and-hooks.ts';
import { fileIn } from './checks/sources.ts';
import { lookAtDatabases, lookAtMigrations } from './look-at-databases.ts';
import { lookAtGit } from './look-at-git.ts';
import { lookAtSecrets } from './look-at-secrets.ts';
import { looked, Nothing } from './nothing.ts';
import type { World } from './world.ts';

export interface OpenWorldOptions {
  readonly environment: ResolvedEnvironment;
  /** The same as a deployment would open it. */
  readonly opened: Pick<Environment, 'status'>;
  readonly lock: DeploymentLock;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What the checks of an environment look at. Adapters are loaded for what it has alone. */
export function openWorld(options: OpenWorldOptions): World {
  const { environment, lock, clock, signal } = options;
  const { project, name, stateFolder, root, services, secrets, images } = environment;
  const engine = once(async () => {
    if (images === null) return new Nothing('processes need no engine');
    const { observeEngine } = await import('@maestro/bluegreen/docker');
    return await observeEngine({ engine: images.engine, project, environment: name, clock }, { signal });
  });
  const world: World = {
    environment,
    clock,
    signal,
    git: once(() =>
      lookAtGit({
        folder: root,
        contexts: services.map(({ contextFolder }) => contextFolder),
        private: [
          fileIn(stateFolder),
          ...(secrets?.source === 'dotenv' ? [secrets.file] : []),
          ...coverageFiles(environment).map(({ file }) => file),
        ],
        signal,
      }),
    ),
    engine,
    nginx: once(() => lookAtNginx(options, world)),
    live: once(async () => {
      const { observeLive } = await (images === null
        ? import('@maestro/bluegreen/embedded')
        : import('@maestro/bluegreen/nginx'));
      return observeLive({ stateFolder });
    }),
    imageRepository: once(() => lookAtImageRepository(options)),
    awsIdentity: once(async () => {
      if (secrets?.source !== 'aws') return new Nothing('no secrets in AWS');
      const { awsIdentity } = await import('@maestro/secrets/aws');
      return await awsIdentity({ region: secrets.regions[0], endpoint: secrets.endpoint, clock }, { signal });
    }),
    secrets: once(() => lookAtSecrets(options)),
    databases: once(() => lookAtDatabases(options)),
    migrations: once(() => lookAtMigrations(options)),
    status: once(async () => {
      // Opening an environment of containers would make its network.
      const found = await engine();
      const isNew = !(found instanceof Nothing) && !found.hasNetwork;
      return isNew ? new Nothing('nothing runs') : await options.opened.status({ signal });
    }),
    lock: once(() => lock.look()),
    releases: once(() => lookAtReleases(options)),
  };
  return world;
}

/** Looks with the first call; all others get what it saw. */
function once<T>(look: () => Promise<T>): () => Promise<T> {
  let looking: Promise<T> | undefined;
  return () => (looking ??= look());
}

async function lookAtNginx({ environment, clock, logger, signal }: OpenWorldOptions, { engine }: World) {
  const { project, name, stateFolder, images, proxy } = environment;
  if (images === null) return new Nothing('the proxy is a part of Maestro here');
  const { containerNginx, observeNginx } = await import('@maestro/bluegreen/nginx');
  const { image } = proxy;
  if (image === undefined) return await observeNginx({ stateFolder, clock, logger }, { signal });
  const program = containerNginx({ project, environment: name, image, engine: images.engine });
  return await looked(engine(), ({ hasNetwork }) => {
    // The image may not be here yet, and fetching it is the deployment's.
    if (!hasNetwork) return new Nothing('fetched and started by the first deployment');
    return observeNginx({ stateFolder, program, clock, logger }, { signal });
  });
}

async function openImageRepository({ environment, clock, logger }: OpenWorldOptions) {
  const { images, project } = environment;
  const repository = images?.repository ?? null;
  if (images === null || repository === null) return null;
  const { openRepository } = await import('../images/open-repository.ts');
  return await openRepository({ ...repository, ca: images.ca, project, clock, logger });
}

async function lookAtImageRepository(options: OpenWorldOptions) {
  const { environment, signal } = options;
  const [service] = environment.services;
  const opened = await openImageRepository(options);
  if (opened === null || service === undefined) return new Nothing('images stay on this machine');
  return await opened.observe(`${environment.project}-${service.name}`, signal);
}

/** By this machine's own copy of the history: reading the shared one would bring both up to date. */
async function lookAtReleases(options: OpenWorldOptions) {
  const { environment, clock, logger, signal } = options;
  const { project, name, stateFolder, images } = environment;
  const history = openFileReleaseHistory({ folder: join(stateFolder, 'history'), logger });
  const records = (await history.list({ environment: name }, { signal })).filter(isUsable);
  if (records.length === 0) return new Nothing('nothing was ever deployed');
  const stores: ImageStore[] = [];
  if (images === null) {
    stores.push(openEmbeddedImageStore({ folder: join(stateFolder, 'images'), clock, logger }));
  } else {
    const { openDockerEngine } = await import('@maestro/image-store/docker');
    const opened = await openImageRepository(options);
    stores.push(openDockerEngine({ engine: images.engine, repositories: opened?.location, clock, logger }).store);
    if (opened !== null) stores.push(opened.store);
  }
  const names = new Set(records.flatMap((record) => record.services.map((service) => service.name)));
  const lists = await Promise.all(
    stores.flatMap((store) => [...names].map((one) => store.list({ repository: `${project}-${one}` }, { signal }))),
  );
  return imagesOfReleases({ records, stored: lists.flat() });
}
