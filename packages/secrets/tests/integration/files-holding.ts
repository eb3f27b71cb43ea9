import { execFile } from 'node:child_process';
import { lstat, open } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const chunkBytes = 1024 * 1024;

export interface FilesHoldingOptions {
  readonly folder: string;
  readonly needles: readonly Buffer[];
  /** When the needles were made up, seconds since 1970: what has not changed since then cannot hold them. */
  readonly since: number;
}

/**
 * The files below a folder that hold one of the needles, on the folder's own disk: what is mounted there from elsewhere,
 * memory above all, is left out. Files that go meanwhile are none.
 */
export async function filesHolding({ folder, needles, since }: FilesHoldingOptions): Promise<readonly string[]> {
  const { dev } = await lstat(folder);
  const found: string[] = [];
  for (const path of await changedFiles(folder, since)) {
    // Namespaces are mounted on single files.
    const stat = await lstat(path).catch(() => undefined);
    if (stat?.dev === dev && (await holds(path, needles))) found.push(path);
  }
  return found;
}

/** By the time that the kernel sets with every change of a file and that nobody else can set. */
async function changedFiles(folder: string, since: number): Promise<readonly string[]> {
  const conditions = ['-xdev', '-type', 'f', '-newerct', `@${since - 10}`, '-print0'];
  const options = { maxBuffer: 1024 * 1024 * 1024 };
  // It complains of what goes while it looks, and ends with 1.
  const { stdout } = await run('find', [folder, ...conditions], options).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 1 && 'stdout' in error) {
      return { stdout: String(error.stdout) };
    }
    throw error;
  });
  return stdout.split('\0').filter((path) => path !== '');
}

async function holds(path: string, needles: readonly Buffer[]): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  const overlap = Math.max(...needles.map((needle) => needle.length));
  const buffer = Buffer.alloc(chunkBytes + overlap);
  try {
    for (let kept = 0; ;) {
      const { bytesRead } = await file.read(buffer, kept, chunkBytes);
      if (bytesRead === 0) return false;
      const seen = buffer.subarray(0, kept + bytesRead);
      if (needles.some((needle) => seen.includes(needle))) return true;
      kept = Math.min(overlap, seen.length);
      seen.copy(buffer, 0, seen.length - kept);
    }
  } finally {
    await file.close();
  }
}
