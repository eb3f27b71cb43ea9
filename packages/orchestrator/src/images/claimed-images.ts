import { messageOf } from '@maestro/core';
import { claimImages } from '@maestro/image-store';

import type { ServiceImage } from './environment-images.ts';
import type { ImageParts } from './image-parts.ts';

/** Longer than anything that is done with images takes, so that one that was killed does not keep them for ever. */
const validMs = 24 * 60 * 60_000;

/** Nobody prunes the images while they are in no history yet; those that were pruned just before are `missing`. */
export async function whileClaimed<T>(
  parts: ImageParts,
  images: readonly ServiceImage[],
  { id, signal }: { readonly id: string; readonly signal: AbortSignal | undefined },
  work: (missing: readonly ServiceImage[]) => Promise<T>,
): Promise<T> {
  const { claims, store, environment } = parts;
  if (claims === null) return await work([]);
  const claim = { id: claimOf(environment, id), by: `${id} of ${environment.name}`, validMs };
  try {
    const missing = await claimImages({ claims, store, ...claim, images, signal });
    const gone = new Set(missing.map(({ digest }) => digest));
    return await work(images.filter(({ digest }) => gone.has(digest)));
  } finally {
    await withdrawClaim(parts, id);
  }
}

/** What was done stays done: a claim that is left behind keeps images, and takes none. */
export async function withdrawClaim({ claims, environment, logger }: ClaimParts, id: string): Promise<void> {
  const claim = { id: claimOf(environment, id) };
  await claims?.withdraw(claim).catch((error: unknown) => {
    logger.warn('a claim of images is left behind', { claim: claim.id, error: messageOf(error) });
  });
}

type ClaimParts = Pick<ImageParts, 'claims' | 'environment' | 'logger'>;

function claimOf({ name }: ImageParts['environment'], id: string): string {
  return `${name}-${id}`;
}
