import { open, type FileHandle } from 'node:fs/promises';

import type { Clock } from '@maestro/core';

const blockBytes = 64 * 1024;
const newline = 0x0a;

export interface FileLinesOptions {
  readonly path: string;
  /** How many of the lines that are there already; all by default. */
  readonly tail?: number | undefined;
  /** Goes on with what is appended, and with the file that takes this one's place, until nothing writes any more. */
  readonly follow?: { readonly isWritten: () => Promise<boolean>; readonly clock: Clock } | undefined;
  readonly signal?: AbortSignal | undefined;
}

const lookEveryMs = 200;

/** The lines of a file, oldest first; none where there is no file. Throws the reason of a signal that aborts. */
export async function* fileLines({ path, tail, follow, signal }: FileLinesOptions): AsyncGenerator<string> {
  let seen: number | undefined;
  for (let wanted = tail; ; wanted = undefined) {
    // Before the file is read to its end: what is printed last is not missed.
    const isWritten = follow !== undefined && (await follow.isWritten());
    const next = await openOther(path, seen);
    if (next !== undefined) {
      const { file, inode } = next;
      seen = inode;
      try {
        const from = wanted === undefined ? 0 : await startOfLast(file, wanted);
        yield* linesOf(file, { path, from, inode, follow, signal });
      } finally {
        await file.close();
      }
    }
    if (follow === undefined || !isWritten) return;
    await follow.clock.sleep(lookEveryMs, signal);
  }
}

/** Undefined where there is none, or it is the one that was read already. */
async function openOther(path: string, seen: number | undefined) {
  const file = await open(path, 'r').catch(unlessMissing);
  if (file === undefined) return undefined;
  const { ino: inode } = await file.stat();
  if (inode !== seen) return { file, inode };
  await file.close();
  return undefined;
}

interface LinesOptions extends Pick<FileLinesOptions, 'follow' | 'path' | 'signal'> {
  readonly from: number;
  readonly inode: number;
}

async function* linesOf(file: FileHandle, options: LinesOptions): AsyncGenerator<string> {
  const { follow, signal, from } = options;
  let rest = Buffer.alloc(0);
  let position = from;
  for (;;) {
    signal?.throwIfAborted();
    const isLast = follow === undefined || (await isLeft(options)) || !(await follow.isWritten());
    for (let block = await blockAt(file, position); block.length > 0; block = await blockAt(file, position)) {
      position += block.length;
      rest = Buffer.concat([rest, block]);
      for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
        yield textOf(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
      }
    }
    if (isLast) break;
    await follow.clock.sleep(lookEveryMs, signal);
  }
  if (rest.length > 0) yield textOf(rest);
}

/** Whether a new start has put another file in its place. */
async function isLeft({ path, inode }: LinesOptions): Promise<boolean> {
  const file = await open(path, 'r').catch(unlessMissing);
  if (file === undefined) return true;
  try {
    return (await file.stat()).ino !== inode;
  } finally {
    await file.close();
  }
}

/** Where the last lines begin, looked for from the end on: a log may be larger than memory. */
async function startOfLast(file: FileHandle, count: number): Promise<number> {
  const { size } = await file.stat();
  let end = size;
  // The newline at the end closes the last line and begins none.
  let left = count + (size > 0 && (await blockAt(file, size - 1)).at(0) === newline ? 1 : 0);
  if (count === 0) return size;
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const block = await blockAt(file, start, end - start);
    for (let at = block.lastIndexOf(newline); at >= 0; at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1)) {
      left -= 1;
      if (left === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

async function blockAt(file: FileHandle, position: number, length = blockBytes): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function textOf(line: Buffer): string {
  return line.toString('utf8').replace(/\r$/, '');
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
