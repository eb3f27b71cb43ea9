import { type ImageReference, type Pruned, pruneImages } from '@maestro/image-store';

import type { PlacedImage, PrunedImages, PruneOptions } from './environment-images.ts';
import type { ImageParts } from './image-parts.ts';
import { allReleases, repositoriesOf } from './stored-images.ts';

/** Removes what nothing needs any more from everywhere images are kept, while no release is under way. */
export async function prunePlaces(parts: ImageParts, options: PruneOptions): Promise<PrunedImages> {
  return options.dryRun ? await pruneAll(parts, options) : await parts.alone('prune', () => pruneAll(parts, options));
}

async function pruneAll(parts: ImageParts, { dryRun, signal }: PruneOptions): Promise<PrunedImages> {
  const repositories = await repositoriesOf(parts);
  const found: PrunedImages[] = [];
  for (const { place, store } of parts.places) {
    const pruned = await pruneImages({
      store,
      repositories,
      newest: parts.environment.retention.images,
      references: () => referencesOf(parts, signal),
      claims: parts.claims ?? undefined,
      beforeRemoval: (image) => parts.removeCopies(image),
      dryRun,
      signal,
    });
    found.push(placed(pruned, place));
  }
  return {
    remove: found.flatMap(({ remove }) => remove),
    keep: found.flatMap(({ keep }) => keep),
    removed: found.flatMap(({ removed }) => removed),
    freedBytes: found.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
  };
}

function placed({ remove, removed, keep, freedBytes }: Pruned, place: PlacedImage['place']): PrunedImages {
  return {
    remove: remove.map((image) => ({ ...image, place })),
    removed: removed.map((image) => ({ ...image, place })),
    keep: keep.map(({ image, because }) => ({ image: { ...image, place }, because })),
    freedBytes,
  };
}

/** What the histories of all environments tell, and what is observed: also an instance that no release knows any more. */
async function referencesOf(parts: ImageParts, signal: AbortSignal | undefined): Promise<readonly ImageReference[]> {
  const [records, instances] = await Promise.all([allReleases(parts, signal), parts.instances(signal)]);
  const released = records.flatMap(({ id, environment, services }) =>
    services.map(({ digest }) => ({ digest, by: `release ${id} of ${environment}` })),
  );
  return [...released, ...instances];
}
