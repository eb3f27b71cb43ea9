import { messageOf } from '@maestro/core';
import { z } from 'zod';

import { openArchiveFiles } from '../adapters/layout/archive-files.ts';
import { invalidLayout } from '../adapters/layout/errors.ts';
import { FolderFiles } from '../adapters/layout/folder-files.ts';
import { LayoutReader, refName } from '../adapters/layout/layout-reader.ts';
import { findEntry } from '../adapters/embedded/index-entries.ts';
import { parseRelease } from '../history/release-record.ts';
import type { ReadableImageContent } from '../ports/image-content.ts';
import type { Cancellable } from '../ports/image-store.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';
import { recordFile, type ReleasePlace } from './release-place.ts';
import { releasedImages } from './released-images.ts';

export interface SavedRelease {
  readonly release: ReleaseRecord;
  /** Its images, each blob of which is checked as it is read; for `copyImage`, or `dockerArchive` for an engine. */
  readonly content: ReadableImageContent;
}

const markSchema = z.object({ imageLayoutVersion: z.literal('1.0.0') });

/**
 * Opens what `saveRelease` has written, and sees that it has the images that its record names.
 * Throws `IMAGE_STORE_INVALID_LAYOUT`.
 */
export async function openSavedRelease(options: ReleasePlace & Cancellable): Promise<SavedRelease> {
  const files = 'file' in options ? await openArchiveFiles(options.file) : new FolderFiles(options.folder);
  const reader = new LayoutReader(files);
  const parsed = async <T>(path: string, parse: (text: string) => T): Promise<T> => {
    const text = await reader.text(path, options);
    if (text === undefined) throw invalidLayout(files.place(path), 'it is missing');
    try {
      return parse(text);
    } catch (error) {
      throw invalidLayout(files.place(path), messageOf(error), error);
    }
  };
  await parsed('oci-layout', (text) => markSchema.parse(JSON.parse(text)));
  const release = await parsed(recordFile, parseRelease);
  const index = await reader.index(options);
  for (const { repository, digest, tags } of releasedImages(release)) {
    for (const name of tags.map((tag) => refName(repository, tag))) {
      const found = findEntry(index, name)?.digest ?? 'nothing';
      if (found === digest) continue;
      throw invalidLayout(files.place('index.json'), `expected ${name} to be ${digest}, it is ${found}`);
    }
  }
  return { release, content: reader };
}
