import type { Descriptor, ImageBlob } from '../../image/blob.ts';
import { checkGivenTag } from '../../image/guard-tags.ts';
import { checkDigest, checkRepository, checkTag, isDigest } from '../../image/names.ts';
import type { ContentPlace, ImageContent } from '../../ports/image-content.ts';
import { type OciRegistryOptions, type OpenedRegistry, openRegistry } from './open-registry.ts';
import { type RegistryParts, Repository } from './repository.ts';

/**
 * The bytes of images in any registry of https://github.com/opencontainers/distribution-spec. Blobs that another
 * repository of the registry is known to have are taken from there, reading goes on where a connection broke.
 * Besides the codes of the port it throws what `openOciImageStore` names.
 */
export function openOciImageContent(options: OciRegistryOptions): ImageContent {
  return new OciImageContent(openRegistry(options));
}

class OciImageContent implements ImageContent {
  readonly #parts: RegistryParts;
  readonly #prefix: string;

  constructor({ parts, prefix }: OpenedRegistry) {
    this.#parts = parts;
    this.#prefix = prefix;
  }

  async manifest(options: ContentPlace & { readonly reference: string }): Promise<ImageBlob | undefined> {
    const place = this.#at(options);
    if (!isDigest(options.reference)) checkTag(options.reference);
    return this.#parts.manifests.read({ ...place, reference: options.reference });
  }

  async *read(blob: Descriptor, options: ContentPlace): AsyncIterable<Uint8Array> {
    const place = this.#at(options);
    checkDigest(blob.digest);
    yield* this.#parts.blobs.chunks(blob, place);
  }

  async write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, options: ContentPlace): Promise<void> {
    const place = this.#at(options);
    checkDigest(blob.digest);
    await this.#parts.blobs.write(blob, open, place);
  }

  async writeManifest(manifest: ImageBlob, options: ContentPlace): Promise<void> {
    const place = { ...this.#at(options), reference: manifest.digest };
    const { manifests } = this.#parts;
    if ((await manifests.digest(place)) === undefined) await manifests.write(manifest, place);
  }

  async tag(manifest: ImageBlob, options: ContentPlace & { readonly tags: readonly string[] }): Promise<void> {
    const place = this.#at(options);
    options.tags.forEach(checkGivenTag);
    await new Repository(this.#parts, { name: options.repository, ...place }).tag(manifest, options.tags);
  }

  #at({ repository, signal }: ContentPlace) {
    signal?.throwIfAborted();
    checkRepository(repository);
    return { repository: `${this.#prefix}${repository}`, signal };
  }
}
