import { loadRelease, openEmbeddedImageContent } from '@maestro/image-store/embedded';
import { ImageStoreError } from '@maestro/image-store';

import { refuseWhenInterrupted } from '../release/conduct.ts';
import { concurrently } from '../release/concurrently.ts';
import type { Parts } from '../release/parts.ts';
import type { EmbeddedReleaseImages } from './embedded-release-images.ts';
import type { ServiceImage } from './environment-images.ts';
import { noImageRepository } from './errors.ts';
import type { BuildWork, ImageParts } from './image-parts.ts';
import { openRepository, repositoryAt } from './open-repository.ts';

/** A release's parts with the images of an embedded environment. */
export type EmbeddedParts = Parts & { readonly images: EmbeddedReleaseImages };

/** The images of an embedded environment, in a folder of its state. */
export function embeddedImages(parts: EmbeddedParts, { imagesFolder }: { readonly imagesFolder: string }): ImageParts {
  const { environment, history, clock, logger, by } = parts;
  const images = parts.images.kept;
  const content = openEmbeddedImageContent({ folder: imagesFolder, clock });
  return {
    environment,
    clock,
    logger,
    by,
    store: images,
    places: [{ place: 'folder', store: images }],
    content,
    history,
    claims: null,
    scan: null,
    build: (work) => assembleAll(parts, work, { store: true }),
    find: (work) => assembleAll(parts, work, { store: false }),
    send: () => Promise.reject(noImageRepository(environment.name)),
    fetch: async (image, { signal }) => {
      const { repository, digest } = image;
      const found = await images.resolve({ repository, reference: digest }, { signal });
      if (found !== undefined) return found;
      throw notBuilt(`${repository} has no image ${digest} any more`, environment.name);
    },
    load: (file, work) => loadRelease({ ...work, file, to: content, clock, logger }),
    instances: async (signal) => {
      const { instances } = await parts.blueGreen().observe({ signal });
      return instances.map(({ service, slot, digest }) => ({ digest, by: `${service}, ${slot} slot` }));
    },
    removeCopies: (image) => parts.images.removeUnpacked(image),
    alone: async (purpose, work) => {
      await using _ = await parts.lock.acquire(purpose);
      // A release that was cut off is in no history yet, and needs its images to be finished.
      await refuseWhenInterrupted(parts);
      return await work();
    },
    openRepository: (address) =>
      openRepository({ ...repositoryAt(address), ca: undefined, project: environment.project, clock, logger }),
  };
}

async function assembleAll(
  { images, environment }: EmbeddedParts,
  { services, ref, signal: given }: BuildWork,
  { store }: { readonly store: boolean },
): Promise<readonly ServiceImage[]> {
  const signal = given ?? new AbortController().signal;
  const proposed = await images.propose(services, { ref, signal });
  return await concurrently(
    proposed,
    signal,
    async ({ service, repository, tag, revision, assembled, ...image }, inner) => {
      const digest = image.digest ?? '';
      const found = { service: service.name, repository, tag, digest, revision };
      const there = await images.kept.resolve({ repository, reference: digest }, { signal: inner });
      if (there !== undefined) return { ...found, built: false };
      if (!store || assembled === null)
        throw notBuilt(`${repository} has no image of these files yet`, environment.name);
      await images.kept.put(assembled, { signal: inner });
      return { ...found, built: true };
    },
  );
}

function notBuilt(message: string, environment: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNKNOWN_IMAGE', message, { hint: `maestro images build -e ${environment}` });
}
