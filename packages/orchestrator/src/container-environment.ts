import { join } from 'node:path';

import { openBlueGreen } from '@maestro/bluegreen';
import { openDocker } from '@maestro/bluegreen/docker';
import { containerNginx } from '@maestro/bluegreen/nginx';
import type { ResolvedImages } from '@maestro/registry';

import { commonParts, type CompositionOptions } from './common-parts.ts';
import { type ContainerImages, containerImages } from './images/container-images.ts';
import { containerReleaseImages } from './images/container-release-images.ts';
import { openedOnce } from './images/open-images.ts';
import type { Environment } from './environment.ts';
import { runInContainers } from './operations/run-in-container.ts';
import { refuseWhenInterrupted } from './release/conduct.ts';
import type { Parts } from './release/parts.ts';
import { releaseEnvironment, type ReleaseEnvironmentOptions } from './release-environment.ts';
import { openReleaseSecrets } from './secrets/release-secrets.ts';

type ContainerEnvironmentOptions = CompositionOptions &
  Pick<ReleaseEnvironmentOptions, 'other' | 'secrets'> & { readonly images: ResolvedImages };

/** An environment of containers on one engine behind nginx, its images in an image repository where it has one. */
export function containerEnvironment(options: ContainerEnvironmentOptions): Environment {
  const { lock } = options;
  const images = openedOnce(() =>
    containerImages({
      ...options,
      alone: async (purpose, work) => {
        await using _ = await lock.acquire(purpose);
        // A release that was cut off is in no history yet, and needs its images to be finished.
        await refuseWhenInterrupted(await parts());
        return await work();
      },
    }),
  );
  const parts = openedOnce(async () => containerParts(options, await images()));
  return releaseEnvironment({ ...options, parts, images, history: async () => (await images()).history });
}

async function containerParts(options: ContainerEnvironmentOptions, images: ContainerImages): Promise<Parts> {
  const { environment, logger, clock } = options;
  const { stateFolder, project, name, network, proxy } = environment;
  const common = commonParts(options);
  const secrets = openReleaseSecrets(common);
  const { engine } = options.images;
  const { image } = proxy;
  const program = image === undefined ? undefined : containerNginx({ project, environment: name, image, engine });
  const docker = await openDocker({
    stateFolder,
    project,
    environment: name,
    engine,
    ...network,
    nginx: { program, workerUser: proxy.workerUser, goodbyeMs: proxy.closingMs },
    fetchImage: ({ service, digest }) =>
      Promise.resolve(images.nameInEngine({ repository: `${project}-${service}`, digest })),
    mountSecrets: secrets.mount,
    clock,
    logger,
  });
  const { runtime, jobs, router, traffic, commandProbe } = docker;
  return {
    ...common,
    images: containerReleaseImages({ images, folder: join(stateFolder, 'migrations') }),
    history: images.history,
    logs: docker.logs,
    runBeside: runInContainers(docker.exec),
    jobs: secrets.clearingJobs(jobs),
    blueGreen: (onEvent) => openBlueGreen({ runtime, router, traffic, commandProbe, onEvent, clock, logger }),
    addresses: () => router.addresses(),
    reloadsFor: (topology) => router.reloadsFor(topology),
    ensureRunning: async (signal) => {
      if (image !== undefined) await images.fetchForeign(image, signal);
      await docker.ensureRunning({ signal });
      await secrets.refill({ instances: () => runtime.observe({ signal }), signal });
    },
    endByHand: ({ service, slot }) => {
      const of = { project, environment: name, service, slot };
      const filters = Object.entries(of).map(([label, value]) => `--filter label=maestro.${label}=${value}`);
      const client = engine === undefined ? 'docker' : `docker --host ${engine}`;
      return Promise.resolve(`${client} rm --force $(${client} ps --all --quiet ${filters.join(' ')})`);
    },
    shutdown: async (signal) => {
      await docker.shutdown({ signal });
      await secrets.removeAll(signal);
    },
  };
}
