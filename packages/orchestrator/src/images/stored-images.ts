import {
  imagesOfReleases,
  ImageStoreError,
  type ReleaseImages,
  type ReleaseRecord,
  type StoredImage,
} from '@maestro/image-store';

import { contentHash } from '../plan/content-hash.ts';
import { whileClaimed } from './claimed-images.ts';
import type { TagOptions } from './environment-images.ts';
import type { ImageParts } from './image-parts.ts';

/** The images of an environment's services, also of those that it had and has no more. */
export async function listImages(parts: ImageParts, signal?: AbortSignal): Promise<readonly StoredImage[]> {
  const repositories = await repositoriesOf(parts, signal);
  const lists = await Promise.all(repositories.map((repository) => parts.store.list({ repository }, { signal })));
  return lists.flat();
}

/** Gives an image one more tag everywhere it is kept, taking it from the image that had it; nothing is copied or built. */
export async function tagImage(parts: ImageParts, { service, image, tag, signal }: TagOptions): Promise<StoredImage> {
  const repository = `${parts.environment.project}-${service}`;
  const found = await parts.store.resolve({ repository, reference: image }, { signal });
  if (found === undefined) throw await unknownImage(parts, { repository, reference: image, signal });
  const { digest } = found;
  // Both names may be as long as a claim's.
  const id = `tag-${contentHash({ service, tag }).slice('sha256:'.length, 32)}`;
  const claimed = [{ service, repository, tag, digest, revision: found.revision, built: false }];
  return await whileClaimed(parts, claimed, { id, signal }, async () => {
    for (const { store } of parts.places.slice(0, -1)) {
      const here = await store.resolve({ repository, reference: digest }, { signal });
      if (here !== undefined) await store.retag({ repository, digest, tag }, { signal });
    }
    await parts.store.retag({ repository, digest, tag }, { signal });
    return (await parts.store.resolve({ repository, reference: digest }, { signal })) ?? found;
  });
}

/** The remembered releases, newest first, and which of their images are still there. */
export async function imageHistory(parts: ImageParts, signal?: AbortSignal): Promise<readonly ReleaseImages[]> {
  const { environment, history } = parts;
  const [records, stored] = await Promise.all([
    history.list({ environment: environment.name }, { signal }),
    listImages(parts, signal),
  ]);
  return imagesOfReleases({ records, stored });
}

export async function repositoriesOf(parts: ImageParts, signal?: AbortSignal): Promise<readonly string[]> {
  const { project, services, bases } = parts.environment;
  const records = await allReleases(parts, signal);
  const released = records.flatMap((record) => record.services.map(({ name }) => name));
  const named = [...services, ...bases].map(({ name }) => name);
  return [...new Set([...named, ...released])].map((name) => `${project}-${name}`).sort();
}

/** Every release that any environment remembers: more than the newest where one of these refers to an older one. */
export async function allReleases({ history }: ImageParts, signal?: AbortSignal): Promise<readonly ReleaseRecord[]> {
  const environments = await history.environments({ signal });
  const limit = Number.MAX_SAFE_INTEGER;
  const lists = await Promise.all(environments.map((environment) => history.list({ environment, limit }, { signal })));
  return lists.flat();
}

async function unknownImage(
  { store }: ImageParts,
  options: { readonly repository: string; readonly reference: string; readonly signal: AbortSignal | undefined },
): Promise<ImageStoreError> {
  const { repository, reference, signal } = options;
  const known = (await store.list({ repository }, { signal })).flatMap(({ tags }) => tags);
  return new ImageStoreError('IMAGE_STORE_UNKNOWN_IMAGE', `there is no image ${repository}:${reference}`, {
    hint: known.length === 0 ? 'maestro images list' : `choose one of: ${known.join(', ')}`,
    details: { repository, reference },
  });
}
