import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { createFileDurably, messageOf, writeFileDurably } from '@maestro/core';

import { corrupt } from '../../errors.ts';
import { type ImageBlob, digestOf } from '../../image/blob.ts';
import { blobPath, indexText, layoutMark } from '../../image/layout.ts';
import { indexSchema, type Manifest, manifestSchema } from '../../image/oci.ts';
import type { IndexEntries } from './index-entries.ts';

// Other tools and other users may read a layout.
const mode = 0o644;

/**
 * A folder of https://github.com/opencontainers/image-spec/blob/main/image-layout.md: `oci-layout`, `index.json` and
 * `blobs/sha256/<digest>`. Nothing read from it is used before it has proved to be what it claims.
 */
export class OciLayout {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** None where nothing was stored yet. */
  async readIndex(): Promise<IndexEntries> {
    const path = join(this.#folder, 'index.json');
    const text = await readIfThere(path);
    if (text === undefined) return [];
    try {
      return indexSchema.parse(JSON.parse(text.toString('utf8'))).manifests;
    } catch (error) {
      throw corrupt(path, messageOf(error), { cause: error });
    }
  }

  /** What the entries refer to must be stored before. */
  async writeIndex(manifests: IndexEntries): Promise<void> {
    await createFileDurably(join(this.#folder, 'oci-layout'), layoutMark, { mode });
    await writeFileDurably(join(this.#folder, 'index.json'), indexText(manifests), { mode });
  }

  /** Returns false when the blob lay there, but damaged. */
  async writeBlob({ digest, contents }: ImageBlob): Promise<boolean> {
    const path = this.#blobPath(digest);
    const stored = await readIfThere(path);
    if (stored !== undefined && digestOf(stored) === digest) return true;
    await writeFileDurably(path, contents, { mode });
    return stored === undefined;
  }

  async readBlob(digest: string): Promise<Uint8Array> {
    const path = this.#blobPath(digest);
    const contents = await readIfThere(path);
    if (contents === undefined) throw corrupt(path, 'it is missing');
    const found = digestOf(contents);
    if (found !== digest) throw corrupt(path, `its contents are ${found}`);
    return contents;
  }

  async readManifest(digest: string): Promise<Manifest> {
    const contents = await this.readBlob(digest);
    try {
      return manifestSchema.parse(JSON.parse(Buffer.from(contents).toString('utf8')));
    } catch (error) {
      throw corrupt(this.#blobPath(digest), `no image of this store: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The digests of everything the entries need. */
  async neededBlobs(entries: IndexEntries): Promise<ReadonlySet<string>> {
    const needed = new Set<string>();
    for (const digest of new Set(entries.map((entry) => entry.digest))) {
      const { config, layers } = await this.readManifest(digest);
      for (const part of [{ digest }, config, ...layers]) needed.add(part.digest);
    }
    return needed;
  }

  /** Removes every other blob, and what killed writers left; only while nobody writes. */
  async sweep(needed: ReadonlySet<string>): Promise<void> {
    const blobs = join(this.#folder, 'blobs', 'sha256');
    for (const name of await readdir(blobs)) {
      if (!needed.has(`sha256:${name}`)) await rm(join(blobs, name), { force: true });
    }
  }

  #blobPath(digest: string): string {
    return join(this.#folder, blobPath(digest));
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
