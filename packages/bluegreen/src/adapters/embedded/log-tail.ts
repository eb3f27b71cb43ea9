import { open } from 'node:fs/promises';

// A log may have grown beyond what fits into memory; the last lines are in its last part.
const readBytes = 256 * 1024;

/** The last lines of a file, oldest first; none where there is no file. */
export async function lastLines(path: string, count: number): Promise<readonly string[]> {
  const text = await lastPart(path);
  return text === '' || count === 0 ? [] : text.split('\n').slice(-count);
}

async function lastPart(path: string): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - readBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), { position: from });
    const text = buffer.toString('utf8', 0, bytesRead).trimEnd();
    // The first line is cut, unless it is the only one.
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
