import { join } from 'node:path';

import type { Clock, Logger } from '@maestro/core';
import {
  buildImages,
  findByInput,
  type FindImage,
  type ImageBuilder,
  type ImageKey,
  type ImageStore,
  ImageStoreError,
  openSharedReleaseHistory,
  releasedImages,
  type ReleaseRecord,
} from '@maestro/image-store';
import { type DockerEngine, openDockerEngine } from '@maestro/image-store/docker';
import { loadRelease, openFileReleaseHistory, openSavedRelease } from '@maestro/image-store/embedded';
import type { ResolvedEnvironment, ResolvedImages } from '@maestro/registry';

import type { ServiceImage } from './environment-images.ts';
import { noImageRepository } from './errors.ts';
import type { BuildWork, ImageParts, ImageWork } from './image-parts.ts';
import { openBuilder } from './open-builder.ts';
import { type OpenedRepository, openRepository, repositoryAt } from './open-repository.ts';
import { openScan } from './open-scan.ts';
import { recipeOf } from './recipe-of.ts';

export type ContainerImagesOptions = Pick<ImageParts, 'alone' | 'by' | 'clock' | 'environment' | 'logger'> & {
  readonly images: ResolvedImages;
};

/** A service's image as it is, or would be, made of the sources. */
interface SourceImage extends Omit<ServiceImage, 'built' | 'digest'> {
  /** Null where it is not made yet. */
  readonly digest: string | null;
  readonly inputHash: string;
}

/** The images of an environment that runs containers. */
export interface ContainerImages extends ImageParts {
  /** What the place where images are kept has of these sources; makes nothing. */
  look(work: Omit<BuildWork, 'onEvent'>): Promise<readonly SourceImage[]>;
  /** Makes what the engine does not have yet. */
  make(work: BuildWork): Promise<readonly SourceImage[]>;
  /** What the engine of this machine holds. */
  readonly engineStore: ImageStore;
  /** Has an image of somebody else's in the engine, and asks nobody where it is there. */
  fetchForeign(reference: string, signal: AbortSignal): Promise<void>;
  /** What it calls an image that it holds. */
  nameInEngine(image: ImageKey): string;
  readonly hasRepository: boolean;
}

/** The images of an environment that runs containers: in its engine, and in its image repository where it has one. */
export async function containerImages(options: ContainerImagesOptions): Promise<ContainerImages> {
  const { environment, images, clock, logger, by, alone } = options;
  const kept = new Map(Object.entries(environment.retention.releases));
  const repository =
    images.repository === null
      ? null
      : await openRepository({
          ...images.repository,
          ca: images.ca,
          project: environment.project,
          kept,
          clock,
          logger,
        });
  const engine = openDockerEngine({
    engine: images.engine,
    repositories: repository?.location,
    credentials: repository?.credentials,
    clock,
    logger,
  });
  const local = openFileReleaseHistory({ folder: join(environment.stateFolder, 'history'), kept, logger });
  const builder = await openBuilder({ images, engine, repository, clock, logger });
  const find = findByInput({ engine: engine.store, stores: repository === null ? [] : [repository.store] });
  const build = (work: BuildWork, by: ImageBuilder) => runBuilds({ ...options, find, builder: by }, work);
  const asker = { resolveBase: engine.builder.resolveBase.bind(engine.builder) };
  const here = { place: 'engine', store: engine.store } as const;

  return {
    environment,
    clock,
    logger,
    by,
    alone,
    store: repository?.store ?? engine.store,
    places: repository === null ? [here] : [here, { place: 'repository', store: repository.store }],
    content: repository?.content ?? null,
    history:
      repository === null
        ? local
        : openSharedReleaseHistory({ shared: repository.history, local, kept, clock, logger }),
    claims: repository?.claims ?? null,
    scan: await openScan({ environment, images, repository, clock }),
    engineStore: engine.store,
    fetchForeign: async (reference, signal) => {
      await engine.builder.resolveBase({ reference }, { signal });
    },
    nameInEngine: (image) => engine.nameOf(image),
    hasRepository: repository !== null,
    build: async (work) => (await build(work, builder)).map(serviceImage),
    find: async (work) => (await build(work, { ...asker, ...onlyLooking(environment) })).map(serviceImage),
    look: async (work) => {
      const kept = findByInput({ engine: repository?.store ?? engine.store });
      const unmade = { ...asker, build: () => Promise.resolve({ imageId: '', sizeBytes: 0 }) };
      const found = await runBuilds({ ...options, find: kept, builder: unmade }, { ...work, onEvent: undefined });
      return found.map(({ built, ...image }) => ({ ...image, digest: built ? null : image.digest }));
    },
    make: (work) => build(work, builder),
    send: (image, work) => send(image, { engine, repository, environment }, work),
    fetch: (image, work) => engine.engine.pull(image, work),
    load: (file, work) => load({ file, ...work, clock, logger }, engine, repository),
    instances: (signal) => engine.references({ signal }),
    removeCopies: () => Promise.resolve(),
    openRepository: (address) =>
      openRepository({ ...repositoryAt(address), ca: images.ca, project: environment.project, clock, logger }),
  };
}

interface Building extends ContainerImagesOptions {
  readonly find: FindImage;
  readonly builder: ImageBuilder;
}

async function runBuilds(options: Building, { services, ref, onEvent, signal }: BuildWork) {
  const { environment, images, find, builder, clock, logger } = options;
  const built = await buildImages({
    project: environment.project,
    environment: environment.name,
    services: services.flatMap(({ name, image }) => (image === null ? [] : [recipeOf(name, image)])),
    bases: environment.bases.map(({ name, ...image }) => recipeOf(name, image)),
    builder,
    find,
    ref,
    allowDirty: images.allowDirty,
    clock,
    logger,
    onEvent,
    signal,
  });
  return built.map((image): ServiceImage & { readonly inputHash: string } => {
    const { service, repository, tag, revision, inputHash } = image;
    const digest = image.digest ?? (image.built ? image.imageId : '');
    return { service, repository, tag, digest, revision, inputHash, built: image.built };
  });
}

function serviceImage({ service, repository, tag, digest, revision, built }: ServiceImage): ServiceImage {
  return { service, repository, tag, digest, revision, built };
}

interface Sending {
  readonly environment: ResolvedEnvironment;
  readonly engine: DockerEngine;
  readonly repository: OpenedRepository | null;
}

/** What is there already is only tagged there; everything else is sent by the engine. */
async function send(
  image: ServiceImage,
  { engine, repository, environment }: Sending,
  work: ImageWork,
): Promise<ServiceImage> {
  if (repository === null) throw noImageRepository(environment.name);
  const { repository: name, digest, tag } = image;
  const { signal } = work;
  const there = await repository.store.resolve({ repository: name, reference: digest }, { signal });
  if (there === undefined) {
    await repository.ensure(name, signal);
    // A commit that changed nothing of a service has a tag of its own for the image of an earlier one.
    await engine.store.retag({ repository: name, digest, tag }, { signal });
    const pushed = await engine.engine.push({ repository: name, tag }, work);
    await repository.store.retag({ repository: name, digest: pushed.digest, tag: 'latest' }, { signal });
    return { ...image, digest: pushed.digest };
  }
  for (const given of [tag, 'latest'])
    await repository.store.retag({ repository: name, digest, tag: given }, { signal });
  return image;
}

/** An engine takes no image as it is in a repository, but what stands for it under the same digest. */
async function load(
  options: ImageWork & { readonly file: string; readonly clock: Clock; readonly logger: Logger },
  engine: DockerEngine,
  repository: OpenedRepository | null,
): Promise<ReleaseRecord> {
  if (repository !== null) return await loadRelease({ ...options, to: repository.content });
  const { release, content } = await openSavedRelease(options);
  for (const image of releasedImages(release)) await engine.load({ ...image, content }, options);
  return release;
}

function onlyLooking({ name }: ResolvedEnvironment): Pick<ImageBuilder, 'build'> {
  return {
    build: ({ service, repository }) =>
      Promise.reject(
        new ImageStoreError('IMAGE_STORE_UNKNOWN_IMAGE', `${repository} has no image of these files yet`, {
          hint: `maestro images build ${service} -e ${name}`,
          details: { service, repository },
        }),
      ),
  };
}
