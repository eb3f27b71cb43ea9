import { unknownImage } from '../errors.ts';
import type { AssembledImage } from '../image/assemble-image.ts';
import { checkGivenTag } from '../image/guard-tags.ts';
import { checkDigest, checkRepository, checkTag, isDigest, latestTag } from '../image/names.ts';
import { manifestSchema } from '../image/oci.ts';
import { newestFirst, storedImage } from '../image/stored-image.ts';
import { unpackLayer } from '../image/unpack-layer.ts';
import type { Cancellable, ImageKey, ImageStore, PutImage, StoredImage } from '../ports/image-store.ts';

interface Repository {
  readonly images: Map<string, AssembledImage>;
  /** Digests, by tag. */
  readonly tags: Map<string, string>;
}

/** An image store that forgets everything with its process; it unpacks to real folders. */
export class MemoryImageStore implements ImageStore {
  readonly #repositories = new Map<string, Repository>();

  put(image: AssembledImage, options?: Cancellable): Promise<PutImage> {
    return this.#with(image.repository, options, ({ images, tags }) => {
      checkGivenTag(image.tag);
      const alreadyStored = images.has(image.digest);
      images.set(image.digest, image);
      for (const tag of [image.tag, latestTag]) tags.set(tag, image.digest);
      return { ...describeStored(image, tags), alreadyStored };
    });
  }

  resolve(
    { repository, reference }: { readonly repository: string; readonly reference: string },
    options?: Cancellable,
  ): Promise<StoredImage | undefined> {
    return this.#with(repository, options, ({ images, tags }) => {
      if (!isDigest(reference)) checkTag(reference);
      const image = images.get(tags.get(reference) ?? reference);
      return image === undefined ? undefined : describeStored(image, tags);
    });
  }

  list({ repository }: { readonly repository: string }, options?: Cancellable): Promise<readonly StoredImage[]> {
    return this.#with(repository, options, ({ images, tags }) =>
      [...images.values()].map((image) => describeStored(image, tags)).sort(newestFirst),
    );
  }

  retag({ repository, digest, tag }: ImageKey & { readonly tag: string }, options?: Cancellable): Promise<void> {
    return this.#with(repository, options, ({ images, tags }) => {
      checkDigest(digest);
      checkGivenTag(tag);
      if (!images.has(digest)) throw unknownImage(repository, digest);
      tags.set(tag, digest);
    });
  }

  async unpack(
    { repository, digest, folder }: ImageKey & { readonly folder: string },
    options?: Cancellable,
  ): Promise<void> {
    const image = await this.#with(repository, options, ({ images }) => {
      checkDigest(digest);
      return images.get(digest);
    });
    if (image === undefined) throw unknownImage(repository, digest);
    await unpackLayer({ folder, digest, layer: image.layer.contents, signal: options?.signal });
  }

  remove({ repository, digest }: ImageKey, options?: Cancellable): Promise<void> {
    return this.#with(repository, options, ({ images, tags }) => {
      checkDigest(digest);
      images.delete(digest);
      for (const [tag, tagged] of tags) if (tagged === digest) tags.delete(tag);
    });
  }

  // A function that throws makes a promise that rejects, as in every store.
  async #with<T>(
    name: string,
    options: Cancellable | undefined,
    work: (repository: Repository) => T | Promise<T>,
  ): Promise<T> {
    options?.signal?.throwIfAborted();
    checkRepository(name);
    const repository: Repository = this.#repositories.get(name) ?? { images: new Map(), tags: new Map() };
    this.#repositories.set(name, repository);
    return await work(repository);
  }
}

function describeStored(image: AssembledImage, tags: ReadonlyMap<string, string>): StoredImage {
  const { repository, digest } = image;
  return storedImage({
    repository,
    digest,
    tags: [...tags].flatMap(([tag, tagged]) => (tagged === digest ? [tag] : [])).sort(),
    manifest: manifestSchema.parse(JSON.parse(Buffer.from(image.manifest.contents).toString('utf8'))),
  });
}
