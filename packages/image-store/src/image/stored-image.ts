import type { ImageKey, StoredImage } from '../ports/image-store.ts';
import { annotation, type Manifest } from './oci.ts';

/** What a store tells of an image. */
export function storedImage(
  image: ImageKey & { readonly tags: readonly string[]; readonly manifest: Manifest },
): StoredImage {
  const { repository, digest, tags, manifest } = image;
  return {
    repository,
    digest,
    tags,
    inputHash: manifest.annotations[annotation.input],
    revision: manifest.annotations[annotation.revision],
    createdAt: manifest.annotations[annotation.created],
    sizeBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Compares images by the time of their commits, then by digest so that the order is always the same. */
export function newestFirst(a: StoredImage, b: StoredImage): number {
  const [left, right] = [a.createdAt + a.digest, b.createdAt + b.digest];
  return left < right ? 1 : left > right ? -1 : 0;
}
