import { checkDigest, checkRepository, checkTag } from '../image/names.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';
import type { TaggedImageKey } from './copy-images.ts';

/** The images of a release, each once, with the tags it has there. Throws `IMAGE_STORE_INVALID_NAME`. */
export function releasedImages({ services }: Pick<ReleaseRecord, 'services'>): readonly TaggedImageKey[] {
  const images = new Map<string, { readonly key: Omit<TaggedImageKey, 'tags'>; readonly tags: Set<string> }>();
  for (const { image, digest } of services) {
    const end = image.lastIndexOf(':');
    const [repository, tag] = [image.slice(0, end), image.slice(end + 1)];
    checkRepository(repository);
    checkTag(tag);
    checkDigest(digest);
    const { key, tags } = images.get(`${repository}@${digest}`) ?? { key: { repository, digest }, tags: new Set() };
    images.set(`${repository}@${digest}`, { key, tags: tags.add(tag) });
  }
  return [...images.values()].map(({ key, tags }) => ({ ...key, tags: [...tags].sort() }));
}
