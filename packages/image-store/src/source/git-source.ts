import { ImageStoreError } from '../errors.ts';
import { committedFiles } from './committed-files.ts';
import { findGitFolder, type GitFolder } from './git-folder.ts';
import type { ImageSource, SourceFile } from './image-source.ts';
import { workingFiles } from './working-files.ts';

export interface GitSourceOptions {
  /** Absolute path of the service's folder; with `ref` it need not exist any more. */
  readonly folder: string;
  /** A commit, tag or branch; without it the working tree, which is HEAD where nothing differs inside the folder. */
  readonly ref?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a service's folder: with `ref` exactly the files of that commit, else those of the working tree.
 * Ignored files never count, by the repository's own rules and not the user's. Throws
 * `IMAGE_STORE_NOT_A_GIT_REPOSITORY`, `IMAGE_STORE_NO_COMMITS`, `IMAGE_STORE_UNKNOWN_REF`, `IMAGE_STORE_SOURCE_EMPTY`,
 * `IMAGE_STORE_SOURCE_UNSUPPORTED` for submodules, `IMAGE_STORE_GIT_FAILED`.
 */
export async function readGitSource({ folder, ref, signal }: GitSourceOptions): Promise<ImageSource> {
  signal?.throwIfAborted();
  const found = await findGitFolder(folder, signal);
  const revision = await resolveRevision(found, ref);
  const committed = await committedFiles(found, revision);
  const mayDiffer = ref === undefined && (await mayDifferFromHead(found));
  const files = mayDiffer ? await workingFiles(found, committed) : committed;
  if (files.length === 0) throw sourceEmpty(folder, ref, revision);
  return {
    revision,
    shortRevision: revision.slice(0, 7),
    dirty: !sameFiles(files, committed),
    committedAt: await commitTime(found, revision),
    files,
  };
}

/** The whole name of the commit; throws `IMAGE_STORE_NO_COMMITS`, `IMAGE_STORE_UNKNOWN_REF`. */
export async function resolveRevision(
  { git, base }: Pick<GitFolder, 'git' | 'base'>,
  ref: string | undefined,
): Promise<string> {
  const commit = await git.attempt('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref ?? 'HEAD'}^{commit}`);
  if (commit !== undefined) return commit.trim();
  if (ref === undefined) {
    throw new ImageStoreError('IMAGE_STORE_NO_COMMITS', `the git repository of ${base} has no commit yet`, {
      hint: 'git add --all && git commit',
    });
  }
  throw new ImageStoreError('IMAGE_STORE_UNKNOWN_REF', `the git repository of ${base} has no commit ${ref}`, {
    hint: `git -C ${base} fetch --all --tags brings what other clones have`,
    details: { ref },
  });
}

/** Git compares by its index, so that files which are equal after all may be among what it reports. */
async function mayDifferFromHead({ git, below }: GitFolder): Promise<boolean> {
  const everything = ['--untracked-files=all', '--ignore-submodules=none', '--no-renames'];
  return (await git.run('status', '--porcelain=v2', '-z', ...everything, '--', below || '.')) !== '';
}

/** When the commit was made, ISO 8601 in UTC. */
export async function commitTime({ git }: Pick<GitFolder, 'git'>, revision: string): Promise<string> {
  const commit = await git.run('cat-file', 'commit', revision);
  const seconds = Number(/^committer .* (\d+) [+-]\d+$/m.exec(commit)?.[1] ?? 0);
  return new Date(seconds * 1000).toISOString();
}

function sameFiles(a: readonly SourceFile[], b: readonly SourceFile[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((file, i) => {
      const other = b[i];
      return (
        file.path === other?.path && file.mode === other.mode && Buffer.compare(file.contents, other.contents) === 0
      );
    })
  );
}

export function sourceEmpty(folder: string, ref: string | undefined, revision: string): ImageStoreError {
  const where = ref === undefined ? 'in the working tree' : `at ${ref} (${revision.slice(0, 7)})`;
  return new ImageStoreError('IMAGE_STORE_SOURCE_EMPTY', `${folder} holds no file ${where}`, {
    hint: "check the service's folder in the configuration; ignored files and empty folders do not count",
    details: { folder, revision },
  });
}
