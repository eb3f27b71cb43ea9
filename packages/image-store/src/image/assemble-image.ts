import type { ImageSource } from '../source/image-source.ts';
import { type ImageBlob, blobOf, describe } from './blob.ts';
import { checkEnvironment, checkRepository, checkTag } from './names.ts';
import { inputHashOf } from './input-hash.ts';
import { annotation, mediaTypes } from './oci.ts';
import { packLayer } from './pack-layer.ts';

export interface AssembleImageOptions {
  readonly source: ImageSource;
  /** `<project>-<service>` */
  readonly repository: string;
  /** Part of the tag, never of the image: promoting an image keeps its digest. */
  readonly environment: string;
  /** Labels of the image's configuration, besides those that say where it is from; part of its identity. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** An image ready to be stored, in the form of the OCI image specification. */
export interface AssembledImage {
  readonly repository: string;
  /** `<environment>-<short sha>`, with `-dirty-<8 digits of the contents' hash>` where the source is. */
  readonly tag: string;
  /** The manifest's digest: the image's identity. */
  readonly digest: string;
  /** The commit, with `-dirty` where the working tree was not it. */
  readonly revision: string;
  readonly dirty: boolean;
  /** Identity of files and labels alone: equal for every commit that has them. */
  readonly inputHash: string;
  readonly manifest: ImageBlob;
  readonly config: ImageBlob;
  readonly layer: ImageBlob;
}

// An image holds the files of a commit, whatever the machine, so it claims the same platform everywhere: another
// architecture would be another digest for the same files.
const platform = { architecture: 'amd64', os: 'linux' };

/**
 * Makes an image of a source, without side effects: the same files of the same commit give the same digest on every
 * machine, at any time and for every environment. Throws `IMAGE_STORE_INVALID_NAME`.
 */
export async function assembleImage(options: AssembleImageOptions): Promise<AssembledImage> {
  const { source, repository, environment, labels = {} } = options;
  checkRepository(repository);
  checkEnvironment(environment);
  const layer = blobOf(mediaTypes.layer, await packLayer(source.files, source.committedAt));
  const tag = tagOf(environment, source, layer);
  checkTag(tag);
  const sorted = sortedByKey(labels);
  const inputHash = inputHashOf(source.files, sorted);

  const revision = source.dirty ? `${source.revision}-dirty` : source.revision;
  const version = source.dirty ? `${source.shortRevision}-dirty` : source.shortRevision;
  const origin = {
    [annotation.created]: source.committedAt,
    [annotation.input]: inputHash,
    [annotation.revision]: revision,
    [annotation.title]: repository,
    [annotation.version]: version,
  };
  const config = jsonBlob(mediaTypes.config, {
    created: source.committedAt,
    ...platform,
    // An engine keeps no annotations.
    config: { Labels: sortedByKey({ ...labels, ...origin }) },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created: source.committedAt, created_by: `files of ${revision}` }],
  });
  const manifest = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(config),
    layers: [describe(layer)],
    annotations: origin,
  });
  return {
    repository,
    tag,
    digest: manifest.digest,
    revision,
    dirty: source.dirty,
    inputHash,
    manifest,
    config,
    layer,
  };
}

function tagOf(environment: string, source: ImageSource, layer: ImageBlob): string {
  const tag = `${environment}-${source.shortRevision}`;
  return source.dirty ? `${tag}-dirty-${layer.digest.slice('sha256:'.length).slice(0, 8)}` : tag;
}

function jsonBlob(mediaType: string, document: object): ImageBlob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(document)));
}

function sortedByKey(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
