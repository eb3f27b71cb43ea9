import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, isMaestroError, systemClock, writeFileDurably } from '@maestro/core';

import { type Descriptor, describe, type ImageBlob } from '../../image/blob.ts';
import { checkGivenTag } from '../../image/guard-tags.ts';
import { blobPath } from '../../image/layout.ts';
import { checkDigest, checkRepository } from '../../image/names.ts';
import { annotation, type IndexEntry } from '../../image/oci.ts';
import { damagedSource, verifiedBytes } from '../../image/verified-bytes.ts';
import type { ContentPlace, ImageContent } from '../../ports/image-content.ts';
import { whileHolding } from '../embedded/exclusive-hold.ts';
import { findEntry, type IndexEntries, withTag } from '../embedded/index-entries.ts';
import { OciLayout } from '../embedded/oci-layout.ts';
import { FolderFiles } from './folder-files.ts';
import { LayoutReader, type NameImage, refName } from './layout-reader.ts';
import { writeStreamDurably } from './write-stream.ts';

export interface LayoutContentOptions {
  /** Made when something is written. */
  readonly folder: string;
  readonly clock?: Clock | undefined;
}

/**
 * The images of one OCI layout, in which they are named `<repository>:<tag>`: `skopeo inspect oci:<folder>:<name>`.
 * Throws `IMAGE_STORE_INVALID_LAYOUT` for a folder that is none, `IMAGE_STORE_LOCKED` besides the codes of the port.
 */
export function openLayoutContent({ folder, clock = systemClock }: LayoutContentOptions): ImageContent {
  return new LayoutContent({ folder, clock });
}

interface LayoutOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly nameOf?: NameImage | undefined;
}

export class LayoutContent extends LayoutReader implements ImageContent {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #nameOf: NameImage;

  constructor({ folder, clock, nameOf = refName }: LayoutOptions) {
    super(new FolderFiles(folder), nameOf);
    this.#folder = folder;
    this.#clock = clock;
    this.#nameOf = nameOf;
  }

  async write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, options: ContentPlace): Promise<void> {
    checkPlace(options);
    checkDigest(blob.digest);
    if (await this.#holds(blob, options)) return;
    const chunks = verifiedBytes(open(), blob, damagedSource(blob.digest));
    await writeStreamDurably(this.#path(blob.digest), chunks, options);
  }

  async writeManifest(manifest: ImageBlob, options: ContentPlace): Promise<void> {
    checkPlace(options);
    if (await this.#holds(describe(manifest), options)) return;
    await writeFileDurably(this.#path(manifest.digest), manifest.contents, { mode: 0o644 });
  }

  async tag(manifest: ImageBlob, options: ContentPlace & { readonly tags: readonly string[] }): Promise<void> {
    const { repository, tags, signal } = options;
    tags.forEach(checkGivenTag);
    await this.writeManifest(manifest, options);
    await mkdir(this.#folder, { recursive: true });
    await whileHolding({ file: join(this.#folder, '.lock'), clock: this.#clock, signal }, async () => {
      const names = tags.map((tag) => this.#nameOf(repository, tag));
      await new OciLayout(this.#folder).writeIndex(withNames(await this.index(options), describe(manifest), names));
    });
  }

  /** Whether a blob is there and whole: a damaged one is to be written again. */
  async #holds(blob: Descriptor, options: ContentPlace): Promise<boolean> {
    try {
      for await (const chunk of this.read(blob, options)) chunk satisfies Uint8Array;
      return true;
    } catch (error) {
      if (isMaestroError(error, 'IMAGE_STORE_CORRUPT')) return false;
      throw error;
    }
  }

  #path(digest: string): string {
    return join(this.#folder, blobPath(digest));
  }
}

/** In an order that does not depend on the one in which they were added. */
export function withNames(entries: IndexEntries, image: Descriptor, names: readonly string[]): IndexEntries {
  const named = names.reduce((before, name) => withTag(before, image, name), entries);
  const untagged = findEntry(named, image.digest) === undefined ? [...named, image] : named;
  const key = ({ annotations, digest }: IndexEntry) => `${annotations?.[annotation.refName] ?? ''}@${digest}`;
  return untagged.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function checkPlace({ repository, signal }: ContentPlace): void {
  checkRepository(repository);
  signal?.throwIfAborted();
}
