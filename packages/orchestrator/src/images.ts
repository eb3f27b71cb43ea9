import { type ImageReference, ImageStoreError, type Pruned, pruneImages, type StoredImage } from '@maestro/image-store';

import type { PruneOptions, TagOptions } from './environment.ts';
import { refuseWhenInterrupted } from './release/conduct.ts';
import type { Parts } from './release/parts.ts';

/** The images of an environment's services, also of those that it had and has no more. */
export async function listImages(parts: Parts, signal?: AbortSignal): Promise<readonly StoredImage[]> {
  const repositories = await repositoriesOf(parts);
  const lists = await Promise.all(repositories.map((repository) => parts.images.list({ repository }, { signal })));
  return lists.flat();
}

/** Gives an image one more tag, taking it from the image that had it; nothing is copied or built. */
export async function tagImage(parts: Parts, { service, image, tag, signal }: TagOptions): Promise<StoredImage> {
  const repository = `${parts.environment.project}-${service}`;
  const found = await parts.images.resolve({ repository, reference: image }, { signal });
  if (found !== undefined) return await parts.images.retag({ repository, digest: found.digest, tag }, { signal });
  const known = (await parts.images.list({ repository }, { signal })).flatMap(({ tags }) => tags);
  throw new ImageStoreError('IMAGE_STORE_UNKNOWN_IMAGE', `there is no image ${repository}:${image}`, {
    hint: known.length === 0 ? 'maestro images list' : `choose one of: ${known.join(', ')}`,
    details: { repository, reference: image },
  });
}

/** Removes the images that no release, no instance and no given tag needs, under the lock that releases take. */
export async function prune(parts: Parts, { dryRun, signal }: PruneOptions): Promise<Pruned> {
  if (dryRun) return await pruneUnlocked(parts, { dryRun, signal });
  await using _ = await parts.lock.acquire('prune');
  // A release that was cut off is in no history yet, and needs its images to be finished.
  await refuseWhenInterrupted(parts);
  return await pruneUnlocked(parts, { dryRun, signal });
}

async function pruneUnlocked(parts: Parts, { dryRun, signal }: PruneOptions): Promise<Pruned> {
  return await pruneImages({
    store: parts.images,
    repositories: await repositoriesOf(parts),
    references: () => referencesOf(parts, signal),
    beforeRemoval: (image) => parts.removeUnpacked(image),
    dryRun,
    signal,
  });
}

/** What the environment's history tells, and what is observed: also an instance that no release knows any more. */
async function referencesOf(parts: Parts, signal: AbortSignal | undefined): Promise<readonly ImageReference[]> {
  const { environment } = parts;
  const [records, { instances }] = await Promise.all([allReleases(parts), parts.blueGreen().observe({ signal })]);
  return [
    ...records.flatMap(({ id, services }) =>
      services.map(({ digest }) => ({ digest, by: `release ${id} of ${environment.name}` })),
    ),
    ...instances.map(({ service, slot, digest }) => ({ digest, by: `${service}, ${slot} slot` })),
  ];
}

async function repositoriesOf(parts: Parts): Promise<readonly string[]> {
  const { project, services } = parts.environment;
  const records = await allReleases(parts);
  const released = records.flatMap((record) => record.services.map(({ name }) => name));
  return [...new Set([...services.map(({ name }) => name), ...released])].map((name) => `${project}-${name}`).sort();
}

/** Every release that is remembered: more than the newest where one of these refers to an older one. */
function allReleases({ history, environment }: Parts) {
  return history.list({ environment: environment.name, limit: Number.MAX_SAFE_INTEGER });
}
