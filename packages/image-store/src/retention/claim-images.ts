import type { ImageClaims } from '../ports/image-claims.ts';
import type { Cancellable, ImageKey, ImageStore } from '../ports/image-store.ts';

export interface ClaimImagesOptions extends Cancellable {
  readonly claims: ImageClaims;
  readonly store: Pick<ImageStore, 'resolve'>;
  /** See `ImageClaim`. */
  readonly id: string;
  readonly by: string;
  readonly validMs?: number | undefined;
  readonly images: readonly ImageKey[];
}

/**
 * Claims images and returns those that are not in the store, to be put again: from now on none of them is removed, until
 * the claim is withdrawn. Withdraw it once the history has the release. Throws what `claim` and `resolve` throw.
 */
export async function claimImages(options: ClaimImagesOptions): Promise<readonly ImageKey[]> {
  const { claims, store, id, by, validMs, images, signal } = options;
  await claims.claim({ id, by, digests: images.map(({ digest }) => digest), validMs }, { signal });
  const missing: ImageKey[] = [];
  for (const image of images) {
    const { repository, digest } = image;
    if ((await store.resolve({ repository, reference: digest }, { signal })) === undefined) missing.push(image);
  }
  return missing;
}
