import { corrupt } from '../errors.ts';
import type { Descriptor, ImageBlob } from '../image/blob.ts';
import { collectBytes } from '../image/collect-bytes.ts';
import { checkGivenTag } from '../image/guard-tags.ts';
import { checkDigest, checkRepository, checkTag, isDigest } from '../image/names.ts';
import { damagedSource, verifiedBytes } from '../image/verified-bytes.ts';
import type { ContentPlace, ImageContent } from '../ports/image-content.ts';

interface Repository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, ImageBlob>;
  /** Digests, by tag. */
  readonly tags: Map<string, string>;
}

/** Small enough for tests to see more than one. */
const chunkBytes = 64 * 1024;

/** The contents of images that end with their process. */
export class MemoryImageContent implements ImageContent {
  readonly #repositories = new Map<string, Repository>();

  async manifest(options: ContentPlace & { readonly reference: string }): Promise<ImageBlob | undefined> {
    const { manifests, tags } = await this.#at(options);
    if (!isDigest(options.reference)) checkTag(options.reference);
    return manifests.get(tags.get(options.reference) ?? options.reference);
  }

  async *read(blob: Descriptor, options: ContentPlace): AsyncIterable<Uint8Array> {
    const { blobs } = await this.#at(options);
    checkDigest(blob.digest);
    const contents = blobs.get(blob.digest);
    const damaged = (found: string) => corrupt(`${options.repository}@${blob.digest}`, found);
    if (contents === undefined) throw damaged('it is missing');
    yield* verifiedBytes(chunksOf(contents), blob, damaged);
  }

  async write(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, options: ContentPlace): Promise<void> {
    const { blobs } = await this.#at(options);
    checkDigest(blob.digest);
    if (blobs.has(blob.digest)) return;
    const contents = await collectBytes(verifiedBytes(open(), blob, damagedSource(blob.digest)));
    options.signal?.throwIfAborted();
    blobs.set(blob.digest, contents);
  }

  async writeManifest(manifest: ImageBlob, options: ContentPlace): Promise<void> {
    const { manifests } = await this.#at(options);
    manifests.set(manifest.digest, manifest);
  }

  async tag(manifest: ImageBlob, options: ContentPlace & { readonly tags: readonly string[] }): Promise<void> {
    options.tags.forEach(checkGivenTag);
    await this.writeManifest(manifest, options);
    const { tags } = await this.#at(options);
    for (const tag of options.tags) tags.set(tag, manifest.digest);
  }

  // A function that throws makes a promise that rejects, as everywhere.
  async #at({ repository: name, signal }: ContentPlace): Promise<Repository> {
    await Promise.resolve();
    signal?.throwIfAborted();
    checkRepository(name);
    const repository = this.#repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.#repositories.set(name, repository);
    return repository;
  }
}

async function* chunksOf(contents: Uint8Array): AsyncIterable<Uint8Array> {
  for (let start = 0; start < contents.byteLength; start += chunkBytes) {
    yield await Promise.resolve(contents.subarray(start, start + chunkBytes));
  }
}
