import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

import { invalidLayout } from './errors.ts';
import type { LayoutFiles } from './layout-files.ts';
import { type ArchiveHeader, blockBytes, paddedBytes, paxRecords, readHeader } from './tar-headers.ts';

interface Extent {
  readonly start: number;
  readonly sizeBytes: number;
}

const chunkBytes = 256 * 1024;
/** Longer descriptions of a file are none. */
const mostRecordBytes = 64 * 1024;

/**
 * The files of a tar archive, by where they lie in it: each can be read for itself. Archives of `tar` are fine as well
 * as those of this package. Throws `IMAGE_STORE_INVALID_LAYOUT` for one that is cut or none at all.
 */
export async function openArchiveFiles(file: string): Promise<LayoutFiles> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw invalidLayout(file, 'there is no such file', error);
    throw error;
  }
  try {
    return new ArchiveFiles(file, await extentsOf(file, handle));
  } finally {
    await handle.close();
  }
}

class ArchiveFiles implements LayoutFiles {
  readonly #file: string;
  readonly #extents: ReadonlyMap<string, Extent>;

  constructor(file: string, extents: ReadonlyMap<string, Extent>) {
    this.#file = file;
    this.#extents = extents;
  }

  place(path: string): string {
    return `${this.#file}/${path}`;
  }

  sizeBytes(path: string): Promise<number | undefined> {
    return Promise.resolve(this.#extents.get(path)?.sizeBytes);
  }

  chunks(path: string): AsyncIterable<Uint8Array> {
    const { start, sizeBytes } = this.#extents.get(path) ?? { start: 0, sizeBytes: 0 };
    if (sizeBytes === 0) return nothing();
    return createReadStream(this.#file, { start, end: start + sizeBytes - 1, highWaterMark: chunkBytes });
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // A stream cannot be told to read no byte at all.
}

async function extentsOf(file: string, handle: FileHandle): Promise<ReadonlyMap<string, Extent>> {
  const { size: archiveBytes } = await handle.stat();
  const extents = new Map<string, Extent>();
  let described: { readonly path?: string; readonly size?: string } = {};
  for (let at = 0; ;) {
    const header = readHeader(await read(handle, { start: at, sizeBytes: blockBytes }));
    if (header === 'end') return extents;
    if (header === 'none') throw invalidLayout(file, `it is no tar archive, or cut, at byte ${at}`);
    const { name, sizeBytes } = withRecords(header, described);
    const extent = { start: at + blockBytes, sizeBytes };
    at = extent.start + paddedBytes(sizeBytes);
    if (!Number.isSafeInteger(at) || at > archiveBytes) throw invalidLayout(file, `it is cut in ${name}`);
    described = header.type === 'x' ? paxRecords(await read(handle, shortened(extent))) : {};
    if (header.type === 'file') extents.set(name.replace(/^(?:\.\/)+/, ''), extent);
  }
}

function withRecords(header: ArchiveHeader, { path, size }: { readonly path?: string; readonly size?: string }) {
  return { name: path ?? header.name, sizeBytes: size === undefined ? header.sizeBytes : Number(size) };
}

function shortened({ start, sizeBytes }: Extent): Extent {
  return { start, sizeBytes: Math.min(sizeBytes, mostRecordBytes) };
}

async function read(handle: FileHandle, { start, sizeBytes }: Extent): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(sizeBytes), 0, sizeBytes, start);
  return buffer.subarray(0, bytesRead);
}
