import { join } from 'node:path';

import type { ResolvedImages } from '@maestro/registry';

import type { Environment } from './environment.ts';
import { OrchestratorError } from './errors.ts';
import { openedOnce, openImages } from './images/open-images.ts';
import { FileLock } from './lock/file-lock.ts';
import { openEnvironmentMigrations } from './migrations/open-migrations.ts';
import { openEnvironmentSecrets, type SecretParts } from './secrets/open-environment-secrets.ts';

export interface ContainerEnvironmentOptions extends SecretParts {
  readonly images: ResolvedImages;
  /** `user@machine` */
  readonly by: string;
}

/** An environment that runs containers: its images are built, kept and moved; nothing starts them yet. */
export function containerEnvironment(options: ContainerEnvironmentOptions): Environment {
  const { environment, secrets, clock, logger } = options;
  const { project, name } = environment;
  const lock = new FileLock({ folder: join(environment.stateFolder, 'locks'), clock, logger });
  const parts = openedOnce(async () => {
    const { containerImages } = await import('./images/container-images.ts');
    return await containerImages({
      ...options,
      alone: async (purpose, work) => {
        await using _ = await lock.acquire(purpose);
        return await work();
      },
    });
  });
  const unsupported = () => Promise.reject(notRunYet(name));
  return {
    project,
    name,
    images: openImages(parts),
    migrations: openEnvironmentMigrations({
      environment,
      secrets,
      clock,
      logger,
    }),
    history: async ({ signal } = {}) => (await parts()).history.list({ environment: name }, { signal }),
    plan: unsupported,
    deploy: unsupported,
    rollback: unsupported,
    resume: unsupported,
    abort: unsupported,
    status: unsupported,
    stop: unsupported,
    secrets: openEnvironmentSecrets(options),
    [Symbol.asyncDispose]: async () => {
      await secrets?.[Symbol.asyncDispose]();
    },
  };
}

function notRunYet(environment: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_UNSUPPORTED_RUNTIME',
    `${environment} runs containers, which this version builds, keeps and moves the images of, but does not start`,
    { hint: `maestro images build --push -e ${environment}; or an environment with runtime "embedded"` },
  );
}
