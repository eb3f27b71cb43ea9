import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A git repository with these files and one commit, below a folder; returns its root. */
export async function newGitRepository(
  below: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const root = await mkdtemp(join(below, 'repository-'));
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), contents);
  }
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const person = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'commit.gpgSign=false'];
  for (const command of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'files'],
  ]) {
    await promisify(execFile)('git', [...person, ...command], { cwd: root, env });
  }
  return root;
}

/** That many files of so many bytes that no other run has, a hundred a folder. */
export function randomFiles(folder: string, count: number, bytes: number): Record<string, Uint8Array> {
  const path = (index: number) => `${folder}/part-${Math.floor(index / 100)}/file-${index}`;
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [path(index), randomBytes(bytes)]));
}
