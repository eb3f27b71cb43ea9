import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { unknownImage } from '../../errors.ts';
import type { AssembledImage } from '../../image/assemble-image.ts';
import type { ImageBlob } from '../../image/blob.ts';
import { checkGivenTag } from '../../image/guard-tags.ts';
import { checkDigest, checkRepository, checkTag, isDigest, latestTag } from '../../image/names.ts';
import { newestFirst } from '../../image/stored-image.ts';
import { holdsImage, unpackLayer } from '../../image/unpack-layer.ts';
import type { Cancellable, ImageKey, ImageStore, PutImage, StoredImage } from '../../ports/image-store.ts';
import { concurrently } from '../../concurrently.ts';
import { unsupported } from './images.ts';
import { type OciRegistryOptions, type OpenedRegistry, openRegistry } from './open-registry.ts';
import { type RegistryParts, Repository } from './repository.ts';

export type OciImageStoreOptions = OciRegistryOptions;

/**
 * An image store in any registry of https://github.com/opencontainers/distribution-spec. Besides the codes of the port
 * it throws `IMAGE_STORE_UNREACHABLE`, `IMAGE_STORE_UNAUTHORIZED`, `IMAGE_STORE_DENIED`, `IMAGE_STORE_CREDENTIALS`,
 * `IMAGE_STORE_UNEXPECTED_ANSWER` and `IMAGE_STORE_UNSUPPORTED_IMAGE`; `put` and `retag` `IMAGE_STORE_PUSH_FAILED`;
 * `remove` `IMAGE_STORE_DELETE_DISABLED`; opening it `IMAGE_STORE_INVALID_REGISTRY`, `IMAGE_STORE_INVALID_NAME`.
 */
export function openOciImageStore(options: OciImageStoreOptions): ImageStore {
  return new OciImageStore(openRegistry(options));
}

class OciImageStore implements ImageStore {
  readonly #parts: RegistryParts;
  readonly #prefix: string;

  constructor({ parts, prefix }: OpenedRegistry) {
    this.#parts = parts;
    this.#prefix = prefix;
  }

  async put(image: AssembledImage, options?: Cancellable): Promise<PutImage> {
    const repository = this.#repository(image.repository, options);
    const { digest, tag, manifest, config, layer } = image;
    checkGivenTag(tag);
    const alreadyStored = await repository.holds(digest);
    await repository.pushBlobs([layer, config]);
    await repository.tag(manifest, [tag, latestTag]);
    const stored = await this.#described(repository, image.repository, manifest);
    return { ...stored, alreadyStored };
  }

  async resolve(
    { repository: name, reference }: { readonly repository: string; readonly reference: string },
    options?: Cancellable,
  ): Promise<StoredImage | undefined> {
    const repository = this.#repository(name, options);
    if (!isDigest(reference)) checkTag(reference);
    const manifest = await repository.find(reference);
    return manifest && this.#described(repository, name, manifest);
  }

  async list({ repository: name }: { readonly repository: string }, options?: Cancellable) {
    const repository = this.#repository(name, options);
    const tags = await repository.tagsByDigest();
    const images = await concurrently([...tags.keys()], async (digest) => {
      const manifest = await repository.find(digest);
      return manifest && repository.describe(manifest, tags);
    });
    return images.filter((image) => image !== undefined).sort(newestFirst);
  }

  async retag(
    { repository: name, digest, tag }: ImageKey & { readonly tag: string },
    options?: Cancellable,
  ): Promise<void> {
    const repository = this.#repository(name, options);
    checkDigest(digest);
    checkGivenTag(tag);
    if (!(await repository.retag(digest, tag))) throw unknownImage(name, digest);
  }

  async unpack(
    { repository: name, digest, folder }: ImageKey & { readonly folder: string },
    options?: Cancellable,
  ): Promise<void> {
    const repository = this.#repository(name, options);
    checkDigest(digest);
    if (await holdsImage({ folder, digest })) return;
    const manifest = await repository.find(digest);
    if (manifest === undefined) throw unknownImage(name, digest);
    const layer = await repository.layer(manifest);
    await mkdir(dirname(folder), { recursive: true });
    await unpackLayer({ folder, digest, layer, signal: options?.signal });
  }

  async remove({ repository: name, digest }: ImageKey, options?: Cancellable): Promise<void> {
    const repository = this.#repository(name, options);
    checkDigest(digest);
    await repository.remove(digest);
  }

  async #described(repository: Repository, name: string, manifest: ImageBlob): Promise<StoredImage> {
    const image = await repository.describe(manifest, await repository.tagsByDigest());
    if (image === undefined) throw unsupported({ repository: name, digest: manifest.digest }, 'it is no image');
    return image;
  }

  #repository(name: string, options: Cancellable | undefined): Repository {
    options?.signal?.throwIfAborted();
    checkRepository(name);
    return new Repository(this.#parts, { name, repository: `${this.#prefix}${name}`, signal: options?.signal });
  }
}
