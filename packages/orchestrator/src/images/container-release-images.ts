import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { isMaestroError, messageOf, type Observer } from '@maestro/core';
import { type ImageEvent, readGitSource, type ScanEvent } from '@maestro/image-store';
import type { ResolvedService } from '@maestro/registry';

import { concurrently } from '../release/concurrently.ts';
import type { ReleaseDefinition } from '../release/release-definition.ts';
import type { DefinedImage, ImageWorkOptions, ProposedImage, ReleaseImages } from '../release/release-images.ts';
import { filesBelow, writeFiles } from '../release/source-files.ts';
import { judged } from './build-and-push.ts';
import { whileClaimed, withdrawClaim } from './claimed-images.ts';
import type { ContainerImages } from './container-images.ts';
import type { ServiceImage } from './environment-images.ts';
import { imageMissing, sourcesChanged } from './errors.ts';
import { imageProgress } from './image-progress.ts';

export interface ContainerReleaseImagesOptions {
  readonly images: ContainerImages;
  /** Where the migrations of a release are kept while it is worked on. */
  readonly folder: string;
}

/** The images of a release of containers: built in the engine, kept in the image repository, run by digest. */
export function containerReleaseImages({ images, folder }: ContainerReleaseImagesOptions): ReleaseImages {
  const folderOf = (release: string) => join(folder, release);
  const { environment, logger } = images;

  const fetch: ReleaseImages['fetch'] = async (image, { say, signal }) => {
    const { repository, digest } = image;
    const held = await images.engineStore.resolve({ repository, reference: digest }, { signal });
    if (held === undefined && !images.hasRepository) throw imageMissing(image);
    await images.fetch({ repository, digest }, { onEvent: relayTo(say), signal });
  };

  return {
    propose: async (services, { ref, signal }) => {
      const found = await images.look({ services, ref, signal });
      return await concurrently(services, signal, async (service, inner): Promise<ProposedImage> => {
        const image = found.find((one) => one.service === service.name);
        if (image === undefined) throw new Error(`no image was looked for of ${service.name}`);
        return { ...image, service, assembled: null, files: await migrationsOf(service, ref, inner) };
      });
    },

    make: async (proposed, { release, ref, say, signal }) => {
      for (const { service, files } of proposed) await writeFiles(join(folderOf(release), service.name), files);
      const missing = proposed.filter(({ digest }) => digest === null);
      if (missing.length === 0) return new Map();
      const work = { onEvent: relayTo(say), signal };
      const made = await images.make({ services: missing.map(({ service }) => service), ref, ...work });
      const changed = made.filter(({ inputHash }) => missing.every((one) => one.inputHash !== inputHash));
      if (changed.length > 0) throw sourcesChanged(changed.map(({ service }) => service));
      const sent = await concurrently(made, signal, async ({ digest, ...image }, inner) => {
        const built: ServiceImage = { ...image, digest: digest ?? '', built: true };
        return images.hasRepository ? await images.send(built, { ...work, signal: inner }) : built;
      });
      return new Map(sent.map(({ service, digest }) => [service, digest]));
    },

    whileClaimed: async (release, work) => {
      try {
        return await claimed(images, release, work);
      } finally {
        await rm(folderOf(release.id), { recursive: true, force: true });
      }
    },

    letGo: async (release) => {
      await rm(folderOf(release), { recursive: true, force: true });
      await withdrawClaim(images, release);
    },

    removeLeftovers: () => rm(folder, { recursive: true, force: true }),

    store: async (image, { say, signal }) => {
      const { repository, digest } = image;
      if (images.hasRepository) {
        await images.send(sentImage(image), { onEvent: relayTo(say), signal });
      }
      await fetch(image, { say, signal });
      for (const tag of [tagOf(image), 'latest'])
        await images.engineStore.retag({ repository, digest, tag }, { signal });
    },

    fetch,

    judge:
      images.scan === null
        ? null
        : async (defined, { say, signal }) => {
            await judged(images, defined.map(sentImage), { onEvent: relayTo(say), signal });
          },

    files: ({ name }, release) => Promise.resolve(join(folderOf(release), name)),
  };

  async function claimed<T>(of: ContainerImages, release: ReleaseDefinition, work: () => Promise<T>): Promise<T> {
    // What a rollback returns to is in the history, and kept by that.
    if (release.kind === 'rollback') return await work();
    const state = { entered: false };
    try {
      const claim = { id: release.id, signal: undefined };
      return await whileClaimed(of, release.services.map(sentImage), claim, () => {
        state.entered = true;
        return work();
      });
    } catch (error) {
      if (state.entered || !isMaestroError(error, 'IMAGE_STORE_UNREACHABLE')) throw error;
      // What is left of a release that was cut off may need nothing of the image repository.
      logger.warn('the images of a release are not claimed', {
        environment: environment.name,
        error: messageOf(error),
      });
      return await work();
    }
  }
}

function relayTo(say: ImageWorkOptions['say']): Observer<ImageEvent | ScanEvent> {
  return (event) => {
    const line = imageProgress(event);
    if (line !== null) say(line);
  };
}

/** Only services with a database have any. */
async function migrationsOf(
  { contextFolder, database }: ResolvedService,
  ref: string | undefined,
  signal: AbortSignal,
): Promise<ProposedImage['files']> {
  if (database === null) return [];
  const { files } = await readGitSource({ folder: contextFolder, ref, signal });
  return filesBelow(database.migrations, files);
}

function sentImage(image: DefinedImage): ServiceImage {
  const { name, repository, digest, revision } = image;
  return { service: name, repository, tag: tagOf(image), digest, revision, built: false };
}

function tagOf({ image }: DefinedImage): string {
  return image.slice(image.lastIndexOf(':') + 1);
}
