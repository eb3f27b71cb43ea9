import type { ReleaseRecord } from '../ports/release-history.ts';
import { type AfterContents, copyImages, type CopyOptions } from './copy-images.ts';
import type { ReleasePlace } from './release-place.ts';
import { releasedImages } from './released-images.ts';
import { openSavedRelease } from './saved-release.ts';

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) chunk satisfies Uint8Array;
}

export type LoadReleaseOptions = Omit<CopyOptions, 'from'> & ReleasePlace;

/**
 * Copies the images of a saved release to where `to` keeps them, under their tags, and returns the release's record.
 * Each digest in it is checked, also of what is there already, before the first tag is set; repeating it is fine.
 * Throws `IMAGE_STORE_INVALID_LAYOUT` for a folder or file that is no saved release or not all of it,
 * `IMAGE_STORE_CORRUPT` for one that is damaged, and what writing throws.
 */
export async function loadRelease(options: LoadReleaseOptions): Promise<ReleaseRecord> {
  const { release, content } = await openSavedRelease(options);
  const afterContents: AfterContents = async ({ repository }, { present }) => {
    for (const blob of present) await readAll(content.read(blob, { repository, signal: options.signal }));
  };
  await copyImages(releasedImages(release), { ...options, from: content, afterContents });
  return release;
}
