import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseTreeEntry, splitRecords } from './committed-files.ts';
import { type GitCommands, gitCommands } from './git-commands.ts';
import { commitTime, resolveRevision } from './git-source.ts';
import { byBytes, type SourceFile } from './image-source.ts';

/** A file as a commit holds it. */
interface CommittedFile {
  /** Undefined for a submodule. */
  readonly mode: SourceFile['mode'] | undefined;
  /** Git's name of its contents. */
  readonly object: string;
}

/** A file that a folder holds, its contents not looked at yet. */
export interface ListedFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  readonly committed: CommittedFile | undefined;
  /** Where the working tree may hold something else than the commit; undefined where it does not. */
  readonly workingFile: string | undefined;
}

/** Some folders and files of a repository at a commit, or of the working tree on top of it. */
export interface GitSnapshot {
  readonly git: GitCommands;
  /** Absolute path of the root of the working tree. */
  readonly root: string;
  /** The whole name of the commit. */
  readonly revision: string;
  readonly shortRevision: string;
  /** When the commit was made, ISO 8601 in UTC. */
  readonly committedAt: string;
  /** The files below a folder, sorted by the bytes of their paths; the folder as seen from the root, '' for the root. */
  list(folder: string): readonly ListedFile[];
  /** One file, as seen from the root of the repository; undefined where there is none. */
  file(path: string): ListedFile | undefined;
}

export interface SnapshotOptions {
  readonly root: string;
  /** A commit, tag or branch; without it the working tree. */
  readonly ref: string | undefined;
  /** What is looked at, as seen from the root; '' is all of it. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Looks at folders and files of a repository without reading any contents. Throws `IMAGE_STORE_NO_COMMITS`,
 * `IMAGE_STORE_UNKNOWN_REF`, `IMAGE_STORE_GIT_FAILED`.
 */
export async function readGitSnapshot({ root, ref, folders, files, signal }: SnapshotOptions): Promise<GitSnapshot> {
  const git = gitCommands({ folder: root, signal });
  const revision = await resolveRevision({ git, base: root }, ref);
  const everything = folders.includes('');
  const paths = everything ? [] : [...new Set([...folders.map((folder) => `${folder}/`), ...files])].sort();
  const [committedAt, committed, changed] = await Promise.all([
    commitTime({ git }, revision),
    committedIn(git, revision, paths),
    ref === undefined ? changedIn(git, paths) : new Set<string>(),
  ]);
  const sorted = [...new Set([...committed.keys(), ...changed])].sort(byBytes);
  const listed = (path: string, from: string): ListedFile => ({
    path: path.slice(from.length),
    committed: committed.get(path),
    workingFile: changed.has(path) ? join(root, path) : undefined,
  });
  return {
    git,
    root,
    revision,
    shortRevision: revision.slice(0, 7),
    committedAt,
    list: (folder) => {
      const prefix = folder === '' ? '' : `${folder}/`;
      return sorted.filter((path) => path.startsWith(prefix)).map((path) => listed(path, prefix));
    },
    file: (path) => (committed.has(path) || changed.has(path) ? listed(path, '') : undefined),
  };
}

/** The texts of files, in their order, with one process of git for all; undefined where a file is gone. */
export async function textsOf(
  git: GitCommands,
  files: readonly (ListedFile | undefined)[],
): Promise<readonly (string | undefined)[]> {
  const committed = files.flatMap((file) =>
    file?.committed === undefined || file.workingFile !== undefined ? [] : [file.committed.object],
  );
  const blobs = (await git.blobs(committed)).values();
  const texts: (string | undefined)[] = [];
  for (const file of files) {
    if (file?.workingFile !== undefined) texts.push(await textOfWorkingFile(file.workingFile));
    else if (file?.committed !== undefined) texts.push(Buffer.from(blobs.next().value ?? []).toString('utf8'));
    else texts.push(undefined);
  }
  return texts;
}

async function textOfWorkingFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function committedIn(git: GitCommands, revision: string, paths: readonly string[]) {
  const listed = await git.run('ls-tree', '-r', '-z', '--full-tree', revision, '--', ...paths);
  return new Map(
    splitRecords(listed).map((record): [string, CommittedFile] => {
      const { path, mode, object } = parseTreeEntry(record);
      return [path, { mode, object }];
    }),
  );
}

// How many fields stand before the path, by what begins a record of `git status --porcelain=v2`.
const fieldsBefore: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1 };

/** Git compares by its index, so that files which are equal after all may be among these. */
async function changedIn(git: GitCommands, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const everything = ['--untracked-files=all', '--ignore-submodules=none', '--no-renames'];
  // Simple-git waits 50 ms longer for a command that prints nothing; the branch is always printed.
  const branch = ['--branch', '--no-ahead-behind'];
  const status = await git.run('status', '--porcelain=v2', '-z', ...everything, ...branch, '--', ...paths);
  return new Set(
    splitRecords(status).flatMap((record) => {
      const fields = fieldsBefore[record.slice(0, 1)];
      return fields === undefined ? [] : [record.split(' ').slice(fields).join(' ')];
    }),
  );
}
