import { join, relative } from 'node:path/posix';

import { ImageStoreError } from '../errors.ts';
import { splitRecords } from './committed-files.ts';
import { type GitCommands, gitCommands } from './git-commands.ts';
import { findGitFolder, type GitFolder } from './git-folder.ts';
import { resolveRevision } from './git-source.ts';

export interface GitChangesOptions {
  /** Absolute path of a folder in the repository; all of the repository is looked at. */
  readonly folder: string;
  /** A commit, tag or branch: what changed on this side since the two went apart. */
  readonly since: string;
  /** The commit, tag or branch that has the changes; without it the working tree, uncommitted and new files too. */
  readonly ref?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GitChanges {
  /** The whole name of the commit that was compared with. */
  readonly base: string;
  /** Absolute path of the root of the working tree, without symbolic links. */
  readonly root: string;
  /**
   * What was changed, added or removed, relative to `folder`, such as `../dockerfiles/api/Dockerfile`. A file that was
   * renamed is here by both names, a submodule by its folder; bytes that are no UTF-8 are replaced.
   */
  readonly files: readonly string[];
  /** The text of a file at `base`, by its path relative to `folder`; undefined where there was none. */
  textBefore(path: string): Promise<string | undefined>;
}

/**
 * What changed in a git repository since the newest commit that `since` has, too. Ignored files never count, by the
 * repository's own rules and not the user's. Throws `IMAGE_STORE_UNKNOWN_REF`, also where the two have no commit in
 * common, `IMAGE_STORE_NO_COMMITS`, `IMAGE_STORE_NOT_A_GIT_REPOSITORY`, `IMAGE_STORE_GIT_FAILED`.
 */
export async function gitChanges({ folder, since, ref, signal }: GitChangesOptions): Promise<GitChanges> {
  signal?.throwIfAborted();
  const { path, root } = await findGitFolder(folder, signal);
  const found = { git: gitCommands({ folder: root, signal }), base: root };
  // One after the other: what is wrong with the repository is told before what is wrong with the name.
  const ours = await resolveRevision(found, ref);
  const theirs = await resolveRevision(found, since);
  const base = await commonCommit(found, { ours, theirs, since });
  const [differing, untracked] = await Promise.all([
    differingFiles(found.git, ref === undefined ? [base] : [base, ours]),
    ref === undefined ? untrackedFiles(found.git) : [],
  ]);
  return {
    base,
    root,
    files: [...new Set([...differing, ...untracked])].map((file) => relative(`/${path}`, `/${file}`)),
    textBefore: (file) => found.git.attempt('cat-file', 'blob', `${base}:${join(path, file)}`),
  };
}

interface Sides {
  readonly ours: string;
  readonly theirs: string;
  readonly since: string;
}

async function commonCommit(
  { git, base }: Pick<GitFolder, 'base' | 'git'>,
  { ours, theirs, since }: Sides,
): Promise<string> {
  const found = await git.attempt('merge-base', ours, theirs);
  if (found !== undefined) return found.trim();
  const shallow = (await git.run('rev-parse', '--is-shallow-repository')).trim() === 'true';
  throw new ImageStoreError(
    'IMAGE_STORE_UNKNOWN_REF',
    `the git repository of ${base} does not know where ${since} and ${ours.slice(0, 7)} went apart`,
    {
      hint: shallow
        ? `git -C ${base} fetch --unshallow brings the commits before`
        : `name a commit before ${ours.slice(0, 7)}`,
      details: { ref: since },
    },
  );
}

/** As seen from the root. Of a rename both names are told. */
async function differingFiles(git: GitCommands, commits: readonly string[]): Promise<readonly string[]> {
  const everything = ['--no-renames', '--no-relative', '--ignore-submodules=none', '--no-ext-diff', '-O/dev/null'];
  return splitRecords(await git.run('diff', '--name-only', '-z', ...everything, ...commits, '--'));
}

async function untrackedFiles(git: GitCommands): Promise<readonly string[]> {
  const listed = await git.run('ls-files', '-z', '--others', '--exclude-standard');
  // Another repository is told by its folder, with a slash.
  return splitRecords(listed).map((path) => path.replace(/\/$/, ''));
}
