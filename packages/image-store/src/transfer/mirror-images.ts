import type { ReleaseRecord } from '../ports/release-history.ts';
import { type CopiedImage, copyImages, type CopyOptions, type TaggedImageKey } from './copy-images.ts';
import { releasedImages } from './released-images.ts';

/** `images`, or those of a `release` under the tags it has for them. */
export type MirrorOptions = CopyOptions &
  ({ readonly images: readonly TaggedImageKey[] } | { readonly release: Pick<ReleaseRecord, 'services'> });

/**
 * Copies images to the repositories of the same names, as `copyImage` does; what several of them share is sent once
 * where the other side can take it from another repository. No tag is set before the contents of all are there.
 */
export function mirrorImages(options: MirrorOptions): Promise<readonly CopiedImage[]> {
  return copyImages('images' in options ? options.images : releasedImages(options.release), options);
}
