import type { ImageBlob } from '../../image/blob.ts';
import { guardedDigest, guardTag, isReserved } from '../../image/guard-tags.ts';
import type { Cancellable, StoredImage } from '../../ports/image-store.ts';
import type { Blobs } from './blobs.ts';
import { concurrently } from '../../concurrently.ts';
import type { Images } from './images.ts';
import type { Manifests } from './manifests.ts';
import type { RegistryClient } from './registry-client.ts';
import { listTags } from './tag-list.ts';

export interface RegistryParts {
  readonly client: RegistryClient;
  readonly manifests: Manifests;
  readonly blobs: Blobs;
  readonly images: Images;
}

export interface RepositoryPlace extends Cancellable {
  /** As users of the store call it. */
  readonly name: string;
  /** As the registry calls it: with the namespace. */
  readonly repository: string;
}

/** The tags of each image, sorted; an image that has only its guard is there with none. */
export type TagsByDigest = ReadonlyMap<string, readonly string[]>;

/**
 * One repository, for one piece of work. Registries know no locks, so that every step stands for itself: an image is
 * guarded before a tag is moved to it or away from it, and a writer that is killed has moved a tag or has not.
 */
export class Repository {
  readonly #parts: RegistryParts;
  readonly #place: RepositoryPlace;

  constructor(parts: RegistryParts, place: RepositoryPlace) {
    this.#parts = parts;
    this.#place = place;
  }

  /** The manifest that a tag or digest stands for. */
  find(reference: string): Promise<ImageBlob | undefined> {
    return this.#parts.manifests.read({ ...this.#place, reference });
  }

  async holds(digest: string): Promise<boolean> {
    return (await this.#digest(digest)) !== undefined;
  }

  async pushBlobs(blobs: readonly ImageBlob[]): Promise<void> {
    for (const blob of blobs) await this.#parts.blobs.push(blob, this.#place);
  }

  /** The blobs must be there. An image that loses a tag stays, guarded. */
  async tag(manifest: ImageBlob, tags: readonly string[]): Promise<void> {
    for (const tag of [guardTag(manifest.digest), ...tags]) await this.#move(tag, manifest);
  }

  /** Asks everything at once that it has to know; false where there is no such image. */
  async retag(digest: string, tag: string): Promise<boolean> {
    const guardingHolder = async () => {
      const holder = await this.#digest(tag);
      if (holder !== undefined && holder !== digest) await this.#guard(holder);
      return holder;
    };
    const [manifest, holder] = await Promise.all([this.#findGuarded(digest), guardingHolder()]);
    if (manifest === undefined) return false;
    if (holder !== digest) await this.#parts.manifests.write(manifest, { ...this.#place, reference: tag });
    return true;
  }

  async tagsByDigest(): Promise<TagsByDigest> {
    const names = await listTags(this.#parts.client, this.#place);
    const found = new Map<string, string[]>();
    for (const digest of names.flatMap((name) => guardedDigest(name) ?? [])) found.set(digest, []);
    const tags = names.filter((name) => !isReserved(name)).sort();
    const digests = await concurrently(tags, (tag) => this.#digest(tag));
    for (const [index, tag] of tags.entries()) {
      const digest = digests[index];
      if (digest !== undefined) found.set(digest, [...(found.get(digest) ?? []), tag]);
    }
    return found;
  }

  /** Undefined for what is no image. */
  async describe(manifest: ImageBlob, tags: TagsByDigest): Promise<StoredImage | undefined> {
    const facts = await this.#parts.images.facts(manifest, this.#place);
    const { digest } = manifest;
    return facts && { repository: this.#place.name, digest, tags: tags.get(digest) ?? [], ...facts };
  }

  layer(manifest: ImageBlob): Promise<Uint8Array> {
    return this.#parts.images.layer(manifest, this.#place);
  }

  /** With all its tags. */
  remove(digest: string): Promise<void> {
    return this.#parts.manifests.remove({ ...this.#place, digest });
  }

  /** Writes nothing that is there already: a repository with immutable tags would refuse it. */
  async #move(tag: string, manifest: ImageBlob): Promise<void> {
    const holder = await this.#digest(tag);
    if (holder === manifest.digest) return;
    if (holder !== undefined) await this.#guard(holder);
    await this.#parts.manifests.write(manifest, { ...this.#place, reference: tag });
  }

  /** The manifest of an image, which is guarded then. */
  async #findGuarded(digest: string): Promise<ImageBlob | undefined> {
    const reference = guardTag(digest);
    const guarded = await this.find(reference);
    if (guarded?.digest === digest) return guarded;
    const manifest = await this.find(digest);
    if (manifest !== undefined) await this.#parts.manifests.write(manifest, { ...this.#place, reference });
    return manifest;
  }

  async #guard(digest: string): Promise<void> {
    const reference = guardTag(digest);
    if ((await this.#digest(reference)) === digest) return;
    const manifest = await this.find(digest);
    if (manifest !== undefined) await this.#parts.manifests.write(manifest, { ...this.#place, reference });
  }

  #digest(reference: string): Promise<string | undefined> {
    return this.#parts.manifests.digest({ ...this.#place, reference });
  }
}
