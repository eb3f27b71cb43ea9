import { readFile } from 'node:fs/promises';

import { type Clock, type Logger, messageOf } from '@maestro/core';
import {
  type ImageClaims,
  type ImageContent,
  type ImageStore,
  ImageStoreError,
  type ReleaseHistory,
} from '@maestro/image-store';
import {
  type CredentialSource,
  dockerCredentials,
  openOciImageClaims,
  openOciImageContent,
  openOciImageStore,
  openOciReleaseHistory,
  observeRegistry,
  type RegistryFacts,
} from '@maestro/image-store/oci';

import { unreadableCertificate } from './errors.ts';

export interface RepositoryOptions {
  readonly registry: string;
  readonly namespace: string | null;
  /** Path of a certificate in PEM. */
  readonly ca: string | undefined;
  readonly project: string;
  /** How many releases are remembered, by environment; 10 for those that it does not name. */
  readonly kept?: ReadonlyMap<string, number> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An image repository, and what is kept beside the images of a project. */
export interface OpenedRepository {
  readonly location: { readonly registry: string; readonly namespace: string | undefined };
  readonly credentials: CredentialSource;
  readonly store: ImageStore;
  readonly content: ImageContent;
  readonly history: ReleaseHistory;
  readonly claims: ImageClaims;
  /** Makes room for a service's images where that must be done first. */
  ensure(repository: string, signal: AbortSignal | undefined): Promise<void>;
  /** Tries what may be done in a repository; what it begins there is taken back. */
  observe(repository: string, signal: AbortSignal): Promise<RegistryFacts>;
}

/** Reads `https://registry.example.com/team`. Throws `IMAGE_STORE_INVALID_REGISTRY`, without the text: it may hold a login. */
export function repositoryAt(address: string): Pick<RepositoryOptions, 'namespace' | 'registry'> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // A login, a query or a fragment would make it longer.
  const isBare = url?.href === `${url?.origin ?? ''}${url?.pathname ?? ''}`;
  if (url === undefined || !isBare || !['http:', 'https:'].includes(url.protocol)) {
    throw new ImageStoreError(
      'IMAGE_STORE_INVALID_REGISTRY',
      'the address of an image repository is expected as https://<host>[:<port>][/<namespace>], without a login',
      { hint: 'log in with docker login, then name the repository: https://registry.example.com/team' },
    );
  }
  const namespace = url.pathname.replaceAll(/^\/|\/$/g, '');
  return { registry: url.origin, namespace: namespace === '' ? null : namespace };
}

/** Amazon's registries log in by AWS's own chain, all others with the logins of `docker login`. */
export async function openRepository(options: RepositoryOptions): Promise<OpenedRepository> {
  const { registry, project, kept, clock, logger } = options;
  const namespace = options.namespace ?? undefined;
  const ca = options.ca === undefined ? undefined : await readCertificate(options.ca);
  const { credentials, ensure } = await access({ registry, namespace, clock });
  const place = { registry, namespace, credentials, ca, clock, logger };
  return {
    location: { registry, namespace },
    credentials,
    store: openOciImageStore(place),
    content: openOciImageContent(place),
    history: openOciReleaseHistory({ ...place, project, kept }),
    claims: openOciImageClaims({ ...place, project }),
    ensure,
    observe: (repository, signal) => observeRegistry({ ...place, repository }, { signal }),
  };
}

async function readCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadableCertificate(path, messageOf(error));
  }
}

interface Access {
  readonly credentials: CredentialSource;
  readonly ensure: OpenedRepository['ensure'];
}

async function access(place: {
  readonly registry: string;
  readonly namespace: string | undefined;
  readonly clock: Clock;
}): Promise<Access> {
  const { registry, namespace, clock } = place;
  // Loads AWS's client, which others need not wait for.
  if (!/\.amazonaws\.com(\.cn)?$/.test(new URL(registry).hostname)) {
    return { credentials: dockerCredentials({ clock }), ensure: () => Promise.resolve() };
  }
  const { ecrCredentials, ensureEcrRepository } = await import('@maestro/image-store/ecr');
  return {
    credentials: ecrCredentials({ clock }),
    ensure: async (repository, signal) => {
      const name = namespace === undefined ? repository : `${namespace}/${repository}`;
      await ensureEcrRepository({ registry, name, clock, signal });
    },
  };
}
