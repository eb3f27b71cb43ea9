import type { ImageClaims } from '../ports/image-claims.ts';
import type { Cancellable, ImageKey, ImageStore, StoredImage } from '../ports/image-store.ts';
import { type ImageReference, planPrune, type PrunePlan, type PruneQuery } from './plan-prune.ts';

export interface PruneOptions extends Cancellable, Pick<PruneQuery, 'newest'> {
  readonly store: ImageStore;
  readonly repositories: readonly string[];
  /** Asked for the plan, and again before each removal: something may have come to need an image meanwhile. */
  readonly references: () => Promise<readonly ImageReference[]>;
  /** What releases need that go on meanwhile. Without it none must: they are in `references` only when recorded. */
  readonly claims?: ImageClaims | undefined;
  /** Removes what was made of an image elsewhere; before the image itself, which a next run would not find again. */
  readonly beforeRemoval?: ((image: ImageKey) => Promise<void>) | undefined;
  /** Only says what would be removed. */
  readonly dryRun: boolean;
}

export interface Pruned extends PrunePlan {
  /** What was removed; nothing by a dry run. */
  readonly removed: readonly StoredImage[];
}

/** Few enough to be removed well within the time that a removal may be announced for. */
const announcedAtOnce = 50;

/**
 * Removes the images that nothing needs any more; see `planPrune` for which. Throws what the store and the claims throw;
 * what was removed until then stays removed.
 */
export async function pruneImages(options: PruneOptions): Promise<Pruned> {
  const { repositories, dryRun } = options;
  const plan = await planned(repositories, options);
  const removed: StoredImage[] = [];
  for (let from = 0; !dryRun && from < plan.remove.length; from += announcedAtOnce) {
    await removeAnnounced(plan.remove.slice(from, from + announcedAtOnce), options, removed);
  }
  return { ...plan, removed };
}

async function planned(
  repositories: readonly string[],
  { store, references, claims, newest, signal }: PruneOptions,
): Promise<PrunePlan> {
  // In this order: a claim is withdrawn when the history has the release, or the image its tag.
  const claimed = (await claims?.list({ signal })) ?? [];
  const claimReferences = claimed.flatMap(({ by, digests }) => digests.map((digest) => ({ digest, by })));
  const known = await references();
  const listed = await Promise.all(repositories.map((repository) => store.list({ repository }, { signal })));
  return planPrune({ images: listed.flat(), references: [...claimReferences, ...known], newest });
}

async function removeAnnounced(batch: readonly StoredImage[], options: PruneOptions, removed: StoredImage[]) {
  const { store, references, claims, beforeRemoval } = options;
  const work = async (signal: AbortSignal | undefined) => {
    // Whoever comes to need one of them from here on sees the announcement and waits.
    const repositories = [...new Set(batch.map(({ repository }) => repository))];
    const { remove } = await planned(repositories, { ...options, signal });
    const unneeded = new Set(remove.map(keyOf));
    for (const image of batch.filter((one) => unneeded.has(keyOf(one)))) {
      if ((await references()).some(({ digest }) => digest === image.digest)) continue;
      await beforeRemoval?.(image);
      signal?.throwIfAborted();
      await store.remove(image, { signal });
      removed.push(image);
    }
  };
  if (claims === undefined) await work(options.signal);
  else
    await claims.whileRemoving(
      batch.map(({ digest }) => digest),
      work,
      { signal: options.signal },
    );
}

function keyOf({ repository, digest }: ImageKey): string {
  return `${repository}@${digest}`;
}
