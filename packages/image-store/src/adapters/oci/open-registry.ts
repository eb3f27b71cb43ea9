import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import { checkRepository } from '../../image/names.ts';
import { registryAddress } from './addresses.ts';
import { Blobs } from './blobs.ts';
import type { CredentialSource } from './credentials.ts';
import { Images } from './images.ts';
import { Manifests } from './manifests.ts';
import { RegistryClient } from './registry-client.ts';
import type { RegistryParts } from './repository.ts';

export interface OciRegistryOptions {
  /** `https://registry.example.com`; Docker Hub is `https://registry-1.docker.io`. Plain http on this machine only. */
  readonly registry: string;
  /** Stands before each repository: `team/shop`. */
  readonly namespace?: string | undefined;
  /** `dockerCredentials()` are those of `docker login`; anonymous by default. */
  readonly credentials?: CredentialSource | undefined;
  /** A certificate to trust besides those of the system, in PEM. */
  readonly ca?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

export interface OpenedRegistry {
  readonly parts: RegistryParts;
  /** What stands before the name of a repository: the namespace with its slash, or nothing. */
  readonly prefix: string;
}

/** Throws `IMAGE_STORE_INVALID_REGISTRY`, `IMAGE_STORE_INVALID_NAME`; asks nothing yet. */
export function openRegistry(options: OciRegistryOptions): OpenedRegistry {
  const { namespace, credentials, ca, clock = systemClock, logger = silentLogger } = options;
  const registry = registryAddress(options.registry);
  for (const part of namespace?.split('/') ?? []) checkRepository(part);
  const client = new RegistryClient({ registry, credentials, ca, clock, logger });
  const manifests = new Manifests(client);
  const blobs = new Blobs(client);
  const images = new Images(manifests, blobs);
  return { parts: { client, manifests, blobs, images }, prefix: namespace === undefined ? '' : `${namespace}/` };
}
