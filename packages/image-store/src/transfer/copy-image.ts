import { type CopiedImage, copyImages, type CopyOptions, type TaggedImageKey } from './copy-images.ts';

export interface CopyImageOptions extends CopyOptions, TaggedImageKey {}

/**
 * Copies an image to the repository of the same name, byte for byte: an index with the images for all platforms and
 * their attestations, but no signatures and others that only refer to it, and no foreign layers. What is there already
 * is left as it is. Killed at any time it leaves no tag whose image is not whole, and it can be repeated.
 * Throws `IMAGE_STORE_UNKNOWN_IMAGE`, `IMAGE_STORE_UNSUPPORTED_IMAGE`, and what reading and writing throw.
 */
export async function copyImage(options: CopyImageOptions): Promise<CopiedImage> {
  const { repository, digest, tags } = options;
  const [copied] = await copyImages([{ repository, digest, tags }], options);
  return copied ?? { repository, digest, tags, copiedBytes: 0 };
}
