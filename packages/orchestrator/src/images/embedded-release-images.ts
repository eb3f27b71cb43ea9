import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import {
  type AssembledImage,
  assembleImage,
  type ImageKey,
  type ImageStore,
  readGitSource,
} from '@maestro/image-store';
import type { ResolvedEnvironment, ResolvedService } from '@maestro/registry';

import { concurrently } from '../release/concurrently.ts';
import type { DefinedImage, ProposedImage, ReleaseImages } from '../release/release-images.ts';
import { imageMissing } from './errors.ts';

/** The images of an embedded environment: made in memory, kept in a folder, run from unpacked folders. */
export interface EmbeddedReleaseImages extends ReleaseImages {
  readonly kept: ImageStore;
  /** The folder with an image's files. */
  unpack(image: ImageKey): Promise<string>;
  /** Removes that folder; one that is not there is fine. */
  removeUnpacked(image: ImageKey): Promise<void>;
}

export interface EmbeddedReleaseImagesOptions {
  readonly environment: ResolvedEnvironment;
  readonly kept: ImageStore;
  readonly unpackedFolder: string;
}

export function embeddedReleaseImages(options: EmbeddedReleaseImagesOptions): EmbeddedReleaseImages {
  const { kept, unpackedFolder } = options;
  const folderOf = ({ repository, digest }: ImageKey) => join(unpackedFolder, repository, digest.replace(':', '-'));
  const unpack: EmbeddedReleaseImages['unpack'] = async ({ repository, digest }) => {
    const folder = folderOf({ repository, digest });
    await kept.unpack({ repository, digest, folder });
    return folder;
  };
  const fetch: ReleaseImages['fetch'] = async (image) => {
    const { repository, digest } = image;
    if ((await kept.resolve({ repository, reference: digest })) === undefined) throw imageMissing(image);
  };
  return {
    kept,
    unpack,
    removeUnpacked: (image) => rm(folderOf(image), { recursive: true, force: true }),
    propose: (services, { ref, signal }) =>
      concurrently(services, signal, (service, inner) => propose(options, service, { ref, signal: inner })),
    make: () => Promise.resolve(new Map()),
    whileClaimed: (_, work) => work(),
    letGo: () => Promise.resolve(),
    removeLeftovers: () => Promise.resolve(),
    store: async (image, { assembled, signal }) => {
      const { repository, digest } = image;
      const stored = await kept.resolve({ repository, reference: digest });
      // It was stored for an earlier release, and is the latest again.
      if (stored !== undefined) await kept.retag({ repository, digest, tag: 'latest' });
      else await kept.put(assembled ?? (await assembledAgain(options, image, signal)));
    },
    fetch,
    judge: null,
    files: (image) => unpack(image),
  };
}

async function propose(
  options: EmbeddedReleaseImagesOptions,
  service: ResolvedService,
  { ref, signal }: { readonly ref: string | undefined; readonly signal: AbortSignal },
): Promise<ProposedImage> {
  const source = await readGitSource({ folder: service.contextFolder, ref, signal });
  const image = await assembleSource(options, service, source);
  const { repository, inputHash } = image;
  const same = await sameImage(options, image);
  const isStored = same !== undefined && same.digest !== image.digest;
  const { tag, digest, revision } = same ?? image;
  const files = service.database === null ? [] : source.files;
  return { service, repository, inputHash, tag, digest, revision, files, assembled: isStored ? null : image };
}

/**
 * A stored image of the same files stands for the new one: a commit that changes nothing of a service, such as one to
 * its neighbour in the same repository, restarts nothing of it.
 */
async function sameImage({ kept }: EmbeddedReleaseImagesOptions, image: AssembledImage) {
  const stored = await kept.list({ repository: image.repository });
  // What was shipped from a working tree before it was committed stays marked as such; the commit gets its own image.
  const same = stored.find(
    ({ inputHash, revision }) => inputHash === image.inputHash && (image.dirty || !revision.endsWith('-dirty')),
  );
  const tag = same?.tags.find((name) => name !== 'latest');
  return same === undefined || tag === undefined ? undefined : { ...same, tag };
}

/** A deployment that was cut off before its image was stored makes it again, from the commit it was made of. */
async function assembledAgain(
  options: EmbeddedReleaseImagesOptions,
  image: DefinedImage,
  signal: AbortSignal,
): Promise<AssembledImage> {
  const registered = options.environment.services.find(({ name }) => name === image.name);
  if (registered === undefined || image.revision.endsWith('-dirty')) throw imageMissing(image);
  const source = await readGitSource({ folder: registered.contextFolder, ref: image.revision, signal });
  const assembled = await assembleSource(options, registered, source);
  if (assembled.digest !== image.digest) throw imageMissing(image);
  return assembled;
}

function assembleSource(
  { environment }: EmbeddedReleaseImagesOptions,
  { name }: ResolvedService,
  source: Awaited<ReturnType<typeof readGitSource>>,
): Promise<AssembledImage> {
  return assembleImage({ source, repository: `${environment.project}-${name}`, environment: environment.name });
}
