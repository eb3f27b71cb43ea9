import { createReadStream } from 'node:fs';
import { readlink } from 'node:fs/promises';

import { ImageStoreError } from '../errors.ts';
import { blobHash, type ContextFile } from './context-files.ts';
import { gitObjects, type GitObjectsOptions, type ObjectContents } from './git-objects.ts';

/**
 * Files with their contents, in the order given, each to be read to its end before the next. Throws
 * `IMAGE_STORE_GIT_FAILED`, and `IMAGE_STORE_DIRTY` for a file that is no longer what it was when it was identified.
 */
export async function* contextContents(
  files: readonly ContextFile[],
  options: GitObjectsOptions,
): AsyncGenerator<ObjectContents & { readonly file: ContextFile }, void, undefined> {
  const committed = files.flatMap((file) => (file.working === undefined ? [file.object] : []));
  const objects = gitObjects(committed, options);
  try {
    for (const file of files) {
      options.signal?.throwIfAborted();
      if (file.working === undefined) {
        const next = await objects.next();
        if (next.done !== true) yield { file, ...next.value };
      } else {
        const { sizeBytes } = file.working;
        yield { file, sizeBytes, chunks: unchanged(file, sizeBytes, workingChunks(file, file.working.file)) };
      }
    }
  } finally {
    await objects.return();
  }
}

async function* workingChunks({ mode }: ContextFile, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  if (mode === 'symlink') yield await readlink(file, 'buffer');
  else yield* createReadStream(file) as AsyncIterable<Buffer>;
}

async function* unchanged(
  file: ContextFile,
  sizeBytes: number,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = blobHash(file.object.length === 64 ? 'sha256' : 'sha1', sizeBytes);
  let left = sizeBytes;
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      left -= chunk.byteLength;
      if (left < 0) break;
      yield chunk;
    }
  } catch (error) {
    throw changedMeanwhile(file, error);
  }
  if (left !== 0 || hash.digest('hex') !== file.object) throw changedMeanwhile(file);
}

function changedMeanwhile({ path }: ContextFile, cause?: unknown): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_DIRTY', `${path} was changed while its image was built`, {
    hint: 'build again, and leave the working tree alone meanwhile; or build a commit',
    details: { path },
    retryable: true,
    cause,
  });
}
