import { checkedRelease } from '../history/release-record.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';
import type { CopyOptions } from './copy-images.ts';
import type { ReleasePlace } from './release-place.ts';
import { saveReleaseArchive } from './save-release-archive.ts';
import { saveReleaseFolder } from './save-release-folder.ts';

export type SaveReleaseOptions = Omit<CopyOptions, 'to'> & ReleasePlace & { readonly release: ReleaseRecord };

/**
 * Writes the images of a release and its record to a folder that is an OCI layout, or to a `.tar` of one. The same
 * release gives the same bytes, whatever is shared is there once, and images are named `<repository>:<tag>` in it. A
 * folder may be saved to again after it was cut off; a file appears whole or not at all.
 * Throws `IMAGE_STORE_INVALID_RELEASE`, `IMAGE_STORE_FOLDER_TAKEN`, `IMAGE_STORE_LOCKED`, what `copyImage` throws.
 */
export async function saveRelease(options: SaveReleaseOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const release = checkedRelease(options.release);
  if ('file' in options) await saveReleaseArchive({ ...options, release });
  else await saveReleaseFolder({ ...options, release });
}
