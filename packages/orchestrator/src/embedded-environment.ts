import { join } from 'node:path';

import { openBlueGreen } from '@maestro/bluegreen';
import { openEmbedded } from '@maestro/bluegreen/embedded';
import { openEmbeddedImageStore, openFileReleaseHistory } from '@maestro/image-store/embedded';

import { commonParts, type CompositionOptions } from './common-parts.ts';
import type { Environment } from './environment.ts';
import type { EmbeddedParts } from './images/embedded-images.ts';
import { embeddedReleaseImages } from './images/embedded-release-images.ts';
import { openedOnce } from './images/open-images.ts';
import { runProcesses } from './operations/run-process.ts';
import { releaseEnvironment, type ReleaseEnvironmentOptions } from './release-environment.ts';

const imagesFolder = 'images';

/** An environment of processes on this machine, all of it in folders of its state. */
export function embeddedEnvironment(
  options: CompositionOptions & Pick<ReleaseEnvironmentOptions, 'other' | 'secrets'>,
): Environment {
  const parts = embeddedParts(options);
  return releaseEnvironment({
    ...options,
    parts: () => Promise.resolve(parts),
    images: openedOnce(async () => {
      const { embeddedImages } = await import('./images/embedded-images.ts');
      return embeddedImages(parts, { imagesFolder: join(options.environment.stateFolder, imagesFolder) });
    }),
    history: () => Promise.resolve(parts.history),
  });
}

function embeddedParts(options: CompositionOptions): EmbeddedParts {
  const { environment, logger, clock } = options;
  const state = (name: string) => join(environment.stateFolder, name);
  const images = embeddedReleaseImages({
    environment,
    kept: openEmbeddedImageStore({ folder: state(imagesFolder), clock, logger }),
    unpackedFolder: state('unpacked'),
  });
  const unpack = ({ service, digest }: { readonly service: string; readonly digest: string }) =>
    images.unpack({ repository: `${environment.project}-${service}`, digest });
  const embedded = openEmbedded({ stateFolder: environment.stateFolder, clock, unpack });
  const addresses = () => embedded.router.addresses();
  const kept = new Map(Object.entries(environment.retention.releases));
  return {
    ...commonParts(options),
    images,
    logs: embedded.logs,
    runBeside: runProcesses({ ...options, addresses, unpack }),
    history: openFileReleaseHistory({ folder: state('history'), kept, logger }),
    jobs: embedded.jobs,
    blueGreen: (onEvent) =>
      openBlueGreen({ runtime: embedded.runtime, router: embedded.router, onEvent, clock, logger }),
    addresses,
    reloadsFor: (topology) => embedded.router.reloadsFor(topology),
    ensureRunning: (signal) => embedded.ensureRunning({ signal }),
    endByHand: async (key) => {
      const pid = await embedded.processOf(key);
      return pid === null ? null : `kill -KILL -- -${pid}`;
    },
    shutdown: (signal) => embedded.shutdown({ signal }),
  };
}
