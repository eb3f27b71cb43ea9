import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import { unknownImage } from '../../errors.ts';
import type { AssembledImage } from '../../image/assemble-image.ts';
import { describe } from '../../image/blob.ts';
import { checkGivenTag } from '../../image/guard-tags.ts';
import { checkDigest, checkRepository, checkTag, isDigest, latestTag } from '../../image/names.ts';
import { newestFirst, storedImage } from '../../image/stored-image.ts';
import { holdsImage, removeLeftovers, unpackLayer } from '../../image/unpack-layer.ts';
import type { Cancellable, ImageKey, ImageStore, PutImage, StoredImage } from '../../ports/image-store.ts';
import { whileHolding } from './exclusive-hold.ts';
import { findEntry, type IndexEntries, tagsOf, withoutImage, withTag } from './index-entries.ts';
import { OciLayout } from './oci-layout.ts';

export interface EmbeddedImageStoreOptions {
  /** Holds one OCI image layout a repository; made when the first image is put. */
  readonly folder: string;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** An image store in a folder of this machine; several processes may use it at once, and any of them may be killed. */
export function openEmbeddedImageStore({
  folder,
  clock = systemClock,
  logger = silentLogger,
}: EmbeddedImageStoreOptions): ImageStore {
  return new EmbeddedImageStore(folder, clock, logger);
}

/**
 * Readers take no lock: the index is replaced in one step and refers to nothing that is not there.
 * Writers of a repository take turns, so that none of them loses another one's tags.
 */
class EmbeddedImageStore implements ImageStore {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(folder: string, clock: Clock, logger: Logger) {
    this.#folder = folder;
    this.#clock = clock;
    this.#logger = logger;
  }

  async put(image: AssembledImage, options?: Cancellable): Promise<PutImage> {
    const { repository, digest, tag, manifest, config, layer } = image;
    checkGivenTag(tag);
    const layout = this.#layout(repository);
    return this.#alone(repository, options, async () => {
      const before = await layout.readIndex();
      for (const blob of [layer, config, manifest]) {
        const intact = await layout.writeBlob(blob);
        if (!intact) this.#logger.warn('a damaged blob was replaced', { repository, blob: blob.digest });
      }
      const after = withTag(withTag(before, describe(manifest), tag), describe(manifest), latestTag);
      await layout.writeIndex(after);
      const alreadyStored = findEntry(before, digest) !== undefined;
      return { ...(await this.#describe({ repository, digest }, after)), alreadyStored };
    });
  }

  async resolve(
    { repository, reference }: { readonly repository: string; readonly reference: string },
    options?: Cancellable,
  ): Promise<StoredImage | undefined> {
    options?.signal?.throwIfAborted();
    if (!isDigest(reference)) checkTag(reference);
    const entries = await this.#layout(repository).readIndex();
    const entry = findEntry(entries, reference);
    return entry === undefined ? undefined : this.#read({ repository, digest: entry.digest }, entries);
  }

  async list({ repository }: { readonly repository: string }, options?: Cancellable): Promise<readonly StoredImage[]> {
    options?.signal?.throwIfAborted();
    const entries = await this.#layout(repository).readIndex();
    const digests = [...new Set(entries.map((entry) => entry.digest))];
    const images = await Promise.all(digests.map((digest) => this.#read({ repository, digest }, entries)));
    return images.filter((image) => image !== undefined).sort(newestFirst);
  }

  async retag({ repository, digest, tag }: ImageKey & { readonly tag: string }, options?: Cancellable): Promise<void> {
    checkDigest(digest);
    checkGivenTag(tag);
    const layout = this.#layout(repository);
    await this.#alone(repository, options, async () => {
      const before = await layout.readIndex();
      const entry = findEntry(before, digest);
      if (entry === undefined) throw unknownImage(repository, digest);
      await layout.writeIndex(withTag(before, entry, tag));
    });
  }

  async unpack({ repository, digest, folder }: ImageKey & { readonly folder: string }, options?: Cancellable) {
    checkDigest(digest);
    const layout = this.#layout(repository);
    if (await holdsImage({ folder, digest })) return;
    await mkdir(dirname(folder), { recursive: true });
    await this.#alone(repository, options, async () => {
      if (findEntry(await layout.readIndex(), digest) === undefined) throw unknownImage(repository, digest);
      const [layer] = (await layout.readManifest(digest)).layers;
      await removeLeftovers(folder);
      await unpackLayer({ folder, digest, layer: await layout.readBlob(layer.digest), signal: options?.signal });
    });
  }

  async remove({ repository, digest }: ImageKey, options?: Cancellable): Promise<void> {
    checkDigest(digest);
    const layout = this.#layout(repository);
    await this.#alone(repository, options, async () => {
      const before = await layout.readIndex();
      if (findEntry(before, digest) === undefined) return;
      const after = withoutImage(before, digest);
      // Asked first: where a blob that says what others need is damaged, nothing is removed.
      const needed = await layout.neededBlobs(after);
      await layout.writeIndex(after);
      await layout.sweep(needed);
    });
  }

  /** Undefined for an image that was removed after the index was read. */
  async #read(key: ImageKey, entries: IndexEntries): Promise<StoredImage | undefined> {
    try {
      return await this.#describe(key, entries);
    } catch (error) {
      if (findEntry(await this.#layout(key.repository).readIndex(), key.digest) === undefined) return undefined;
      throw error;
    }
  }

  async #describe({ repository, digest }: ImageKey, entries: IndexEntries): Promise<StoredImage> {
    const manifest = await this.#layout(repository).readManifest(digest);
    return storedImage({ repository, digest, tags: tagsOf(entries, digest), manifest });
  }

  #layout(repository: string): OciLayout {
    checkRepository(repository);
    return new OciLayout(join(this.#folder, repository));
  }

  async #alone<T>(repository: string, options: Cancellable | undefined, work: () => Promise<T>): Promise<T> {
    const folder = join(this.#folder, repository);
    await mkdir(folder, { recursive: true });
    return whileHolding({ file: join(folder, '.lock'), clock: this.#clock, signal: options?.signal }, work);
  }
}
