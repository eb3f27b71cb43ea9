import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Clock } from '@maestro/core';

import { runProgram } from './run-program.ts';

export interface CopyTreeOptions {
  readonly root: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** A copy of a checkout. `await using` removes it. */
export interface TreeCopy extends AsyncDisposable {
  readonly folder: string;
}

const gitDeadlineMs = 60_000;

/**
 * Copies the checkout at `root` as it stands, with what is not committed yet, into a temporary folder: a Git repository
 * of one commit, whose packages are linked to one another and whose other dependencies are those of `root`.
 */
export async function copyTree({ root, clock, signal }: CopyTreeOptions): Promise<TreeCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-release-'));
  await using removal = new AsyncDisposableStack();
  removal.defer(() => rm(folder, { recursive: true, force: true }));
  const git = async (where: string, args: readonly string[]) =>
    (await runProgram({ program: 'git', args, folder: where, deadlineMs: gitDeadlineMs, clock, signal })).stdout;

  const files = await git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  for (const file of files.split('\0').filter((name) => name !== '')) await copyFile(root, folder, file);
  await linkDependencies(root, folder);
  await git(folder, ['init', '--quiet', '--initial-branch=main']);
  await git(folder, ['add', '--all']);
  const author = ['-c', 'user.name=Maestro', '-c', 'user.email=release@localhost', '-c', 'commit.gpgsign=false'];
  await git(folder, [...author, 'commit', '--quiet', '--no-verify', '-m', 'The tree to release']);
  const owned = removal.move();
  return { folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function copyFile(root: string, folder: string, file: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await cp(join(root, file), join(folder, file), { verbatimSymlinks: true }).catch((error: unknown) => {
    // Deleted, and the deletion is not committed yet.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

/** As npm would install them, except that nothing but the links between the packages is made anew. */
async function linkDependencies(root: string, folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  for (const name of await readdir(join(root, 'node_modules'))) {
    const original = join(root, 'node_modules', name);
    // Its links are relative, so copied ones lead to the packages of the copy.
    if (name === '@maestro') await cp(original, join(modules, name), { recursive: true, verbatimSymlinks: true });
    else if (name !== '.cache') await symlink(original, join(modules, name));
  }
  for (const group of ['packages', 'tools']) {
    for (const name of await readdir(join(folder, group))) {
      const own = join(root, group, name, 'node_modules');
      const dependencies = await readdir(own).catch(() => []);
      if (dependencies.length > 0) await symlink(own, join(folder, group, name, 'node_modules'));
    }
  }
}
