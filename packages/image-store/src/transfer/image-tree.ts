import { ImageStoreError, unknownImage } from '../errors.ts';
import type { Descriptor, ImageBlob } from '../image/blob.ts';
import { partsOf } from '../image/documents.ts';
import type { ReadableImageContent } from '../ports/image-content.ts';
import type { Cancellable, ImageKey } from '../ports/image-store.ts';

/** Everything that an image consists of. */
export interface ImageTree {
  /** Its manifest, or the index over those for several platforms. */
  readonly root: ImageBlob;
  /** What is below an index, each after what it refers to itself. */
  readonly children: readonly ImageBlob[];
  /** Configurations and layers, each once; foreign layers are for those who made them to hand out. */
  readonly blobs: readonly Descriptor[];
}

/**
 * Reads the documents of an image: manifests for all platforms and attestations, but nothing that merely refers to the
 * image, such as signatures. Throws `IMAGE_STORE_UNKNOWN_IMAGE`, `IMAGE_STORE_UNSUPPORTED_IMAGE`, `IMAGE_STORE_CORRUPT`.
 */
export async function readImageTree(
  options: ImageKey & Cancellable & { readonly content: ReadableImageContent },
): Promise<ImageTree> {
  const { content, repository, digest, signal } = options;
  const children = new Map<string, ImageBlob>();
  const blobs = new Map<string, Descriptor>();

  const read = async (reference: string): Promise<ImageBlob> => {
    const document = await content.manifest({ repository, reference, signal });
    if (document === undefined)
      throw reference === digest ? unknownImage(repository, digest) : partMissing(options, reference);
    const parts = partsOf(document);
    if (parts === undefined) throw unsupportedDocument(options, document);
    for (const blob of parts.blobs) blobs.set(blob.digest, blob);
    for (const part of parts.documents) {
      if (!children.has(part.digest)) children.set(part.digest, await read(part.digest));
    }
    return document;
  };

  const root = await read(digest);
  return { root, children: [...children.values()], blobs: [...blobs.values()] };
}

function partMissing({ repository, digest }: ImageKey, part: string): ImageStoreError {
  const message = `${repository}@${digest} is damaged: the manifest ${part} that it names is missing`;
  return new ImageStoreError('IMAGE_STORE_CORRUPT', message, {
    hint: 'copy the image again from where it came from, or build it anew',
    details: { repository, digest, missing: part },
  });
}

export function unsupportedDocument({ repository, digest }: ImageKey, document: ImageBlob): ImageStoreError {
  const message = `${repository}@${digest} cannot be copied: ${document.digest} is a document of the type "${document.mediaType}"`;
  return new ImageStoreError('IMAGE_STORE_UNSUPPORTED_IMAGE', message, {
    hint: 'expected an image or index of the OCI image specification, or of Docker 1.10 and newer: build or pull it anew',
    details: { repository, digest, mediaType: document.mediaType },
  });
}
