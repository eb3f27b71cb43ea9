import { join } from 'node:path';

import type { Clock, Logger } from '@maestro/core';
import type { ResolvedEnvironment, ResolvedImages } from '@maestro/registry';

import type { Environment } from './environment.ts';
import { OrchestratorError } from './errors.ts';
import { openImages } from './images/open-images.ts';
import { FileLock } from './lock/file-lock.ts';

export interface ContainerEnvironmentOptions {
  readonly environment: ResolvedEnvironment;
  readonly images: ResolvedImages;
  /** `user@machine` */
  readonly by: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An environment that runs containers: its images are built, kept and moved; nothing starts them yet. */
export function containerEnvironment(options: ContainerEnvironmentOptions): Environment {
  const { environment, clock, logger } = options;
  const { project, name } = environment;
  const lock = new FileLock({ folder: join(environment.stateFolder, 'locks'), clock, logger });
  const open = async () => {
    const { containerImages } = await import('./images/container-images.ts');
    return await containerImages({
      ...options,
      alone: async (purpose, work) => {
        await using _ = await lock.acquire(purpose);
        return await work();
      },
    });
  };
  const images = openImages(open);
  const unsupported = () => Promise.reject(notRunYet(name));
  return {
    project,
    name,
    images,
    history: async ({ signal } = {}) => (await images.history({ signal })).map(({ release }) => release),
    plan: unsupported,
    deploy: unsupported,
    rollback: unsupported,
    resume: unsupported,
    abort: unsupported,
    status: unsupported,
    stop: unsupported,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function notRunYet(environment: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_UNSUPPORTED_RUNTIME',
    `${environment} runs containers, which this version builds, keeps and moves the images of, but does not start`,
    { hint: `maestro images build --push -e ${environment}; or an environment with runtime "embedded"` },
  );
}
