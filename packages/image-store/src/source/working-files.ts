import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

import { checkedPath, splitRecords, submoduleRefused } from './committed-files.ts';
import type { GitFolder } from './git-folder.ts';
import { byBytes, type SourceFile } from './image-source.ts';

/** The folder's files as they lie in the working tree: tracked ones, and untracked ones that are not ignored. */
export async function workingFiles(
  { git, base, below }: GitFolder,
  committed: readonly SourceFile[],
): Promise<readonly SourceFile[]> {
  const everything = ['--cached', '--others', '--exclude-standard'];
  const listed = await git.run('ls-files', '-z', '-t', ...everything, '--', below || '.');
  const skipped = new Set<string>();
  const paths = new Set<string>();
  for (const record of splitRecords(listed)) {
    // `<tag> <path>`, the path as seen from `base`.
    const path = checkedPath(record.slice(below === '' ? 2 : 3 + below.length));
    paths.add(path);
    if (record.startsWith('S ')) skipped.add(path);
  }

  const files: SourceFile[] = [];
  for (const path of [...paths].sort(byBytes)) {
    const file = await readWorkingFile(join(base, below), path);
    // A sparse checkout leaves files out of the working tree without deleting them.
    const left = file ?? (skipped.has(path) ? committed.find((other) => other.path === path) : undefined);
    if (left !== undefined) files.push(left);
  }
  return files;
}

/** Undefined for a file that was deleted. */
async function readWorkingFile(folder: string, path: string): Promise<SourceFile | undefined> {
  const file = join(folder, path);
  try {
    const stats = await lstat(file);
    if (stats.isSymbolicLink()) return { path, mode: 'symlink', contents: await readlink(file, 'buffer') };
    if (stats.isDirectory()) {
      await refuseRepository(file, path);
      return undefined;
    }
    return { path, mode: (stats.mode & 0o100) === 0 ? 0o644 : 0o755, contents: await readFile(file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A folder where git names a file is another repository, or took the place of a tracked file that is gone. */
export async function refuseRepository(file: string, path: string): Promise<void> {
  const inside = await readdir(file);
  if (inside.includes('.git')) throw submoduleRefused(path.replace(/\/$/, ''));
}
