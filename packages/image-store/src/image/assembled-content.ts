import type { ReadableImageContent } from '../ports/image-content.ts';
import type { AssembledImage } from './assemble-image.ts';

/** The bytes of an image that is in memory, for what reads them from anywhere. */
export function assembledContent({ manifest, config, layer }: AssembledImage): ReadableImageContent {
  const blobs = new Map([config, layer].map((blob) => [blob.digest, blob]));
  return {
    manifest: ({ reference }) => Promise.resolve(reference === manifest.digest ? manifest : undefined),
    async *read({ digest }) {
      const blob = blobs.get(digest);
      if (blob !== undefined) yield await Promise.resolve(blob.contents);
    },
  };
}
