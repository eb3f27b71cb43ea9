import { ImageStoreError, unknownImage } from '../errors.ts';
import { describe, type ImageBlob } from '../image/blob.ts';
import { type ImageManifest, isForeign, readIndex, readManifest } from '../image/documents.ts';
import { blobPath, indexText, layoutMark } from '../image/layout.ts';
import { checkDigest, checkRepository } from '../image/names.ts';
import type { ReadableImageContent } from '../ports/image-content.ts';
import type { Cancellable, ImageKey } from '../ports/image-store.ts';
import { unsupportedDocument } from './image-tree.ts';
import { type ArchivedFile, tarArchive } from './tar-archive.ts';

export interface DockerArchiveOptions extends ImageKey, Cancellable {
  readonly content: ReadableImageContent;
  /** What an engine is to call the image: `registry.example.com/team/shop-api:production-abc1234`. */
  readonly names: readonly string[];
}

/**
 * An image in the form that `docker load` takes on every engine, as a tar archive that is made as it is read; of an index
 * the image for linux/amd64. Layers stay compressed as they are. An archive that is cut is refused by the engine: what
 * says which files belong together is the last one.
 * Throws `IMAGE_STORE_UNKNOWN_IMAGE`, `IMAGE_STORE_UNSUPPORTED_IMAGE`, and what reading throws.
 */
export async function* dockerArchive(options: DockerArchiveOptions): AsyncGenerator<Uint8Array, void> {
  options.signal?.throwIfAborted();
  checkRepository(options.repository);
  checkDigest(options.digest);
  yield* tarArchive(filesOf(options, await imageOf(options)));
}

interface LoadedImage {
  readonly document: ImageBlob;
  readonly manifest: ImageManifest;
}

/**
 * An OCI layout, for engines that keep images as they are; older ones go by `manifest.json` alone, and see by its
 * contents whether a layer is compressed.
 */
function* filesOf({ content, repository, names, signal }: DockerArchiveOptions, { document, manifest }: LoadedImage) {
  const { config, layers } = manifest;
  // A layer may occur twice.
  for (const blob of new Map([config, ...layers].map((part) => [part.digest, part])).values()) {
    const chunks = content.read(blob, { repository, signal });
    yield { name: blobPath(blob.digest), sizeBytes: blob.size, chunks };
  }
  yield fileOf(blobPath(document.digest), document.contents);
  yield fileOf('oci-layout', layoutMark);
  const named = names.map((name) => ({ ...describe(document), annotations: { 'io.containerd.image.name': name } }));
  yield fileOf('index.json', indexText(named));
  const paths = layers.map(({ digest }) => blobPath(digest));
  yield fileOf('manifest.json', JSON.stringify([{ Config: blobPath(config.digest), RepoTags: names, Layers: paths }]));
}

function fileOf(name: string, text: string | Uint8Array): ArchivedFile {
  const contents = Buffer.from(text);
  return { name, sizeBytes: contents.byteLength, chunks: [contents] };
}

async function imageOf(options: DockerArchiveOptions): Promise<LoadedImage> {
  const named = await documentOf(options, options.digest);
  const ofPlatform = readIndex(named);
  const document = ofPlatform === undefined ? named : await documentOf(options, ofPlatform);
  const manifest = readManifest(document);
  if (manifest === undefined) throw unsupportedDocument(options, document);
  if (manifest.layers.some(isForeign)) throw foreignLayers(options);
  return { document, manifest };
}

async function documentOf(
  { content, repository, signal }: DockerArchiveOptions,
  reference: string,
): Promise<ImageBlob> {
  const document = await content.manifest({ repository, reference, signal });
  if (document === undefined) throw unknownImage(repository, reference);
  return document;
}

function foreignLayers({ repository, digest }: ImageKey): ImageStoreError {
  const message = `${repository}@${digest} cannot be loaded from an archive: it has layers that only their makers hand out`;
  return new ImageStoreError('IMAGE_STORE_UNSUPPORTED_IMAGE', message, {
    hint: `docker pull ${repository}@${digest} on a machine that reaches them`,
    details: { repository, digest },
  });
}
