import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { type Clock, systemClock, writeFileDurably } from '@maestro/core';

import { whileHolding } from '../adapters/embedded/exclusive-hold.ts';
import type { IndexEntries } from '../adapters/embedded/index-entries.ts';
import { OciLayout } from '../adapters/embedded/oci-layout.ts';
import { LayoutContent, withNames } from '../adapters/layout/layout-content.ts';
import { refName } from '../adapters/layout/layout-reader.ts';
import { ImageStoreError } from '../errors.ts';
import { parseRelease } from '../history/release-record.ts';
import { type Descriptor, describe, type ImageBlob } from '../image/blob.ts';
import type { ContentPlace, WritableImageContent } from '../ports/image-content.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';
import { copyImages, type CopyOptions } from './copy-images.ts';
import { recordFile, recordText } from './release-place.ts';
import { releasedImages } from './released-images.ts';

export interface SaveFolderOptions extends Omit<CopyOptions, 'to'> {
  readonly folder: string;
  readonly release: ReleaseRecord;
}

/**
 * The record comes first, so that the folder is this release's; the index comes last, so that what was cut off is no
 * release yet.
 */
export async function saveReleaseFolder(options: SaveFolderOptions): Promise<void> {
  const { folder, release, clock = systemClock, signal } = options;
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  await whileHolding({ file: join(folder, '.lock'), clock, signal }, async () => {
    await takeFolder(folder, release);
    const to = new ReleaseFolder(folder, clock);
    await copyImages(releasedImages(release), { ...options, to, direction: 'pull' });
    await to.complete();
  });
}

/** A layout whose index is written when all images are there. */
class ReleaseFolder implements WritableImageContent {
  readonly #content: LayoutContent;
  readonly #layout: OciLayout;
  readonly #needed = new Set<string>();
  #entries: IndexEntries = [];

  constructor(folder: string, clock: Clock) {
    this.#content = new LayoutContent({ folder, clock });
    this.#layout = new OciLayout(folder);
  }

  write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, place: ContentPlace): Promise<void> {
    this.#needed.add(blob.digest);
    return this.#content.write(blob, open, place);
  }

  writeManifest(manifest: ImageBlob, place: ContentPlace): Promise<void> {
    this.#needed.add(manifest.digest);
    return this.#content.writeManifest(manifest, place);
  }

  async tag(manifest: ImageBlob, place: ContentPlace & { readonly tags: readonly string[] }): Promise<void> {
    await this.writeManifest(manifest, place);
    const names = place.tags.map((tag) => refName(place.repository, tag));
    this.#entries = withNames(this.#entries, describe(manifest), names);
  }

  async complete(): Promise<void> {
    await this.#layout.writeIndex(this.#entries);
    await this.#layout.sweep(this.#needed);
  }
}

/** Marks a folder as the release's; throws `IMAGE_STORE_FOLDER_TAKEN` for one that holds anything else. */
async function takeFolder(folder: string, release: ReleaseRecord): Promise<void> {
  // The lock has a journal while it is held.
  const names = (await readdir(folder)).filter((name) => !['.lock', '.lock-journal', 'blobs'].includes(name));
  const leftovers = names.filter((name) => name.startsWith('.') && name.endsWith('.tmp'));
  const isEmpty = names.length === leftovers.length;
  if (!isEmpty && !isDeepStrictEqual(await recordIn(folder), release)) throw folderTaken(folder, release);
  for (const name of leftovers) await rm(join(folder, name));
  await writeFileDurably(join(folder, recordFile), recordText(release), { mode: 0o644 });
}

/** Undefined for what is no record. */
async function recordIn(folder: string): Promise<ReleaseRecord | undefined> {
  try {
    return parseRelease(await readFile(join(folder, recordFile), 'utf8'));
  } catch {
    return undefined;
  }
}

function folderTaken(folder: string, { id }: ReleaseRecord): ImageStoreError {
  const message = `the release ${id} cannot be saved to ${folder}: it holds another one, or something else`;
  return new ImageStoreError('IMAGE_STORE_FOLDER_TAKEN', message, {
    hint: `choose a folder of its own for each release, or see what is there: ls -A ${folder}`,
    details: { folder, release: id },
  });
}
