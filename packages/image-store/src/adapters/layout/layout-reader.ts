import { messageOf } from '@maestro/core';

import type { Descriptor, ImageBlob } from '../../image/blob.ts';
import { collectBytes } from '../../image/collect-bytes.ts';
import { documentTypeOf } from '../../image/documents.ts';
import { blobPath } from '../../image/layout.ts';
import { checkDigest, checkRepository, checkTag, isDigest } from '../../image/names.ts';
import { indexSchema } from '../../image/oci.ts';
import { verifiedBytes } from '../../image/verified-bytes.ts';
import type { ContentPlace, ReadableImageContent } from '../../ports/image-content.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { findEntry, type IndexEntries } from '../embedded/index-entries.ts';
import { damagedFile, invalidLayout } from './errors.ts';
import type { LayoutFiles } from './layout-files.ts';

/** As registries have it; what is longer is no document. */
const documentBytes = 4 * 1024 * 1024;

/**
 * The images of a layout that several repositories share: an image is named `<repository>:<tag>` in its index, and blobs
 * belong to all of them.
 */
export class LayoutReader implements ReadableImageContent {
  readonly #files: LayoutFiles;
  readonly #nameOf: NameImage;

  constructor(files: LayoutFiles, nameOf: NameImage = refName) {
    this.#files = files;
    this.#nameOf = nameOf;
  }

  /** None where there is no index. Throws `IMAGE_STORE_INVALID_LAYOUT`. */
  async index(options: Cancellable): Promise<IndexEntries> {
    const text = await this.text('index.json', options);
    if (text === undefined) return [];
    try {
      return indexSchema.parse(JSON.parse(text)).manifests;
    } catch (error) {
      throw invalidLayout(this.#files.place('index.json'), messageOf(error), error);
    }
  }

  async manifest(options: ContentPlace & { readonly reference: string }): Promise<ImageBlob | undefined> {
    const { repository, reference } = checked(options);
    const name = isDigest(reference) ? reference : this.#nameOf(repository, reference);
    const entry = findEntry(await this.index(options), name);
    // The manifests below an index have no entry.
    if (entry === undefined) return isDigest(reference) ? this.#document(reference, options) : undefined;
    const document = await this.#document(entry.digest, options);
    if (document !== undefined) return { ...document, mediaType: entry.mediaType };
    throw damagedFile(this.#files.place(blobPath(entry.digest)), 'it is missing, or no manifest');
  }

  async *read(blob: Descriptor, options: ContentPlace): AsyncIterable<Uint8Array> {
    checkRepository(options.repository);
    checkDigest(blob.digest);
    options.signal?.throwIfAborted();
    const path = blobPath(blob.digest);
    const damaged = (found: string) => damagedFile(this.#files.place(path), found);
    if ((await this.#files.sizeBytes(path)) === undefined) throw damaged('it is missing');
    for await (const chunk of verifiedBytes(this.#files.chunks(path), blob, damaged)) {
      options.signal?.throwIfAborted();
      yield chunk;
    }
  }

  /** A small file; undefined where there is none. Throws `IMAGE_STORE_INVALID_LAYOUT` for one that is not small. */
  async text(path: string, { signal }: Cancellable): Promise<string | undefined> {
    signal?.throwIfAborted();
    const size = await this.#files.sizeBytes(path);
    if (size === undefined) return undefined;
    if (size > documentBytes) throw invalidLayout(this.#files.place(path), `it is longer than ${documentBytes} bytes`);
    return (await collectBytes(this.#files.chunks(path))).toString('utf8');
  }

  /** Undefined for a blob that is none, or is not there. */
  async #document(digest: string, { repository, signal }: ContentPlace): Promise<ImageBlob | undefined> {
    const size = await this.#files.sizeBytes(blobPath(digest));
    if (size === undefined || size > documentBytes) return undefined;
    const contents = await collectBytes(this.read({ mediaType: '', digest, size }, { repository, signal }));
    const mediaType = documentTypeOf(contents);
    return mediaType === undefined ? undefined : { mediaType, digest, contents };
  }
}

/** What an image is called in the index. */
export type NameImage = (repository: string, tag: string) => string;

export function refName(repository: string, tag: string): string {
  return `${repository}:${tag}`;
}

function checked<Options extends ContentPlace & { readonly reference: string }>(options: Options): Options {
  checkRepository(options.repository);
  if (!isDigest(options.reference)) checkTag(options.reference);
  return options;
}
