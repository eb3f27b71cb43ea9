import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { ImageStoreError } from '../errors.ts';
import { type GitCommands, gitCommands } from './git-commands.ts';

/** A folder as git knows it. */
export interface GitFolder {
  readonly git: GitCommands;
  /** Where git runs: the folder, or its nearest ancestor that exists. */
  readonly base: string;
  /** The folder as seen from `base`, such as `services/api`; empty for `base` itself. */
  readonly below: string;
  /** The folder as seen from the root of the repository; empty for the root itself. */
  readonly path: string;
  /** Absolute path of the root of the working tree, without symbolic links. */
  readonly root: string;
}

/** Throws `IMAGE_STORE_NOT_A_GIT_REPOSITORY`, or `IMAGE_STORE_GIT_FAILED` where there is no git. */
export async function findGitFolder(folder: string, signal: AbortSignal | undefined): Promise<GitFolder> {
  let base = resolve(folder);
  let below = '';
  while (!(await isFolder(base))) {
    below = join(basename(base), below);
    base = dirname(base);
  }
  const git = gitCommands({ folder: base, signal });
  try {
    const prefix = (await git.run('rev-parse', '--show-prefix')).replace(/\n$/, '');
    return {
      git,
      base,
      below,
      path: join(prefix, below).replace(/\/$/, '').replace(/^\.$/, ''),
      root: resolve(
        await realpath(base),
        ...prefix
          .split('/')
          .slice(1)
          .map(() => '..'),
      ),
    };
  } catch (error) {
    signal?.throwIfAborted();
    await git.run('version');
    throw new ImageStoreError(
      'IMAGE_STORE_NOT_A_GIT_REPOSITORY',
      `${folder} is not in the working tree of a git repository that can be read`,
      { hint: `git -C ${base} status says why; git init makes a new one`, details: { folder }, cause: error },
    );
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory() || path === dirname(path);
  } catch {
    return path === dirname(path);
  }
}
