import type { Cancellable, ImageKey, ImageStore, StoredImage } from '../ports/image-store.ts';
import { type ImageReference, planPrune, type PrunePlan } from './plan-prune.ts';

export interface PruneOptions extends Cancellable {
  readonly store: ImageStore;
  readonly repositories: readonly string[];
  /** Asked once for the plan, and again before each removal: something may have come to need an image meanwhile. */
  readonly references: () => Promise<readonly ImageReference[]>;
  /** Removes what was made of an image elsewhere; before the image itself, which a next run would not find again. */
  readonly beforeRemoval?: ((image: ImageKey) => Promise<void>) | undefined;
  /** Only says what would be removed. */
  readonly dryRun: boolean;
}

export interface Pruned extends PrunePlan {
  /** What was removed; nothing by a dry run. */
  readonly removed: readonly StoredImage[];
}

/**
 * Removes the images that nothing needs any more; see `planPrune` for which. Hold off releases meanwhile: one that uses an
 * old image is known only when it is recorded. Throws what the store throws; what was removed until then stays removed.
 */
export async function pruneImages(options: PruneOptions): Promise<Pruned> {
  const { store, repositories, references, beforeRemoval, dryRun, signal } = options;
  const listed = await Promise.all(repositories.map((repository) => store.list({ repository }, { signal })));
  const plan = planPrune({ images: listed.flat(), references: await references() });
  const removed: StoredImage[] = [];
  for (const image of dryRun ? [] : plan.remove) {
    if ((await references()).some(({ digest }) => digest === image.digest)) continue;
    await beforeRemoval?.(image);
    await store.remove(image, { signal });
    removed.push(image);
  }
  return { ...plan, removed };
}
