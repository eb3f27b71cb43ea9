import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';
import { loadRegistry, resolveEnvironment } from '@maestro/registry';

import type { Environment } from './environment.ts';
import { FileLock } from './lock/file-lock.ts';
import { openSecretStore } from './open-secret-store.ts';

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
  const common = {
    environment,
    registryFiles: loaded.files,
    by: `${userInfo().username}@${hostname()}`,
    lock: new FileLock({ folder: join(environment.stateFolder, 'locks'), clock, logger }),
    secrets: openSecretStore(environment, { logger }),
    other: (name: string) => resolveEnvironment(loaded, name),
    clock,
    logger,
  };
  // The adapters of what others run on are not loaded.
  if (environment.images !== null) {
    const { containerEnvironment } = await import('./container-environment.ts');
    return containerEnvironment({ ...common, images: environment.images });
  }
  const { embeddedEnvironment } = await import('./embedded-environment.ts');
  return embeddedEnvironment(common);
}
