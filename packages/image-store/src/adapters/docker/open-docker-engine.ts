import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import { guardTag } from '../../image/guard-tags.ts';
import type { ImageBuilder } from '../../ports/image-builder.ts';
import type { ImageEngine } from '../../ports/image-engine.ts';
import type { ReadableImageContent } from '../../ports/image-content.ts';
import type { Cancellable, ImageKey, ImageStore, StoredImage } from '../../ports/image-store.ts';
import type { ImageReference } from '../../retention/plan-prune.ts';
import type { TaggedImageKey } from '../../transfer/copy-images.ts';
import type { CredentialSource } from '../oci/credentials.ts';
import { DockerImageBuilder } from './docker-image-builder.ts';
import { DockerImageEngine } from './docker-image-engine.ts';
import { DockerImageStore } from './docker-image-store.ts';
import { type EngineCertificates, engineAddress } from './engine-address.ts';
import { EngineClient } from './engine-client.ts';
import { EngineImages } from './engine-images.ts';
import { EngineNames, type RepositoriesLocation } from './engine-names.ts';
import { ImageTransfers } from './image-transfers.ts';
import { imageUsers } from './image-users.ts';
import { loadContent } from './load-content.ts';
import { RegistryLogin } from './registry-login.ts';

export interface DockerEngineOptions {
  /** `unix:///…` or `tcp://<host>:<port>`; by default `DOCKER_HOST`, else the usual socket. */
  readonly engine?: string | undefined;
  /** For an engine behind TLS; by default those that `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` name for `DOCKER_HOST`. */
  readonly certificates?: EngineCertificates | undefined;
  /** Where images are pushed to and pulled from; without it they stay in the engine. */
  readonly repositories?: RepositoriesLocation | undefined;
  /** `dockerCredentials()` are those of `docker login`; anonymous by default. */
  readonly credentials?: CredentialSource | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** One Docker Engine: what it holds and needs, what it builds, what it sends and fetches. */
export interface DockerEngine {
  readonly store: ImageStore;
  readonly builder: ImageBuilder;
  readonly engine: ImageEngine;
  /** What an image that is guarded is called here, to start containers of it: by a tag made of its digest. */
  nameOf(image: ImageKey): string;
  /**
   * Puts an image of other content here, such as that of a saved release, under its digest and tags. Throws
   * `IMAGE_STORE_UNKNOWN_IMAGE`, `IMAGE_STORE_UNSUPPORTED_IMAGE`, and what reading throws.
   */
  load(image: TaggedImageKey & { readonly content: ReadableImageContent }, options?: Cancellable): Promise<StoredImage>;
  /** What containers need, running or not; under each digest that the engine knows their images by. */
  references(options?: Cancellable): Promise<readonly ImageReference[]>;
}

/**
 * Opens a Docker Engine; nothing is asked yet. The methods of all of it throw `IMAGE_STORE_ENGINE_UNREACHABLE` and
 * `IMAGE_STORE_ENGINE_FAILED` besides the codes of their ports; opening it `IMAGE_STORE_ENGINE_UNREACHABLE` for an
 * address that is none, `IMAGE_STORE_INVALID_REGISTRY`, `IMAGE_STORE_INVALID_NAME`.
 */
export function openDockerEngine(options: DockerEngineOptions = {}): DockerEngine {
  const { clock = systemClock, logger = silentLogger } = options;
  const client = new EngineClient({ address: engineAddress(options), clock });
  const names = new EngineNames(options.repositories);
  const images = new EngineImages(client, names);
  const login = new RegistryLogin(options.credentials);
  const transfers = new ImageTransfers({ client, login, clock, logger });
  const store = new DockerImageStore(client, images);
  return {
    store,
    builder: new DockerImageBuilder({ client, images, transfers, clock, logger }),
    engine: new DockerImageEngine({ images, transfers, clock, logger }),
    nameOf: ({ repository, digest }) => `${names.of(repository)}:${guardTag(digest)}`,
    load: (image, { signal } = {}) => loadContent({ client, images, store }, { ...image, signal }),
    references: ({ signal } = {}) => imageUsers({ client, images }, { signal }),
  };
}
