import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncFolder } from '@maestro/core';

import type { Cancellable } from '../../ports/image-store.ts';

/** Writes a file that appears whole, and on the disk, or not at all. */
export async function writeStreamDurably(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { signal }: Cancellable,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeAll(temporary, chunks, signal);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeAll(path: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
  await using file = await open(path, 'wx', 0o644);
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    await file.writeFile(chunk);
  }
  await file.sync();
}
