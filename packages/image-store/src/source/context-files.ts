import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';

import { checkedPath, submoduleRefused } from './committed-files.ts';
import type { ListedFile } from './git-snapshot.ts';
import type { SourceFile } from './image-source.ts';
import { refuseRepository } from './working-files.ts';

/** A file of a build context, with the identity of its contents but not the contents. */
export interface ContextFile {
  readonly path: string;
  readonly mode: SourceFile['mode'];
  /** Git's name of the contents: their hash. */
  readonly object: string;
  /** Where the contents lie that no commit holds; undefined for those in git's objects. */
  readonly working: { readonly file: string; readonly sizeBytes: number } | undefined;
}

/** A file as it is now, and whether the commit holds it so. */
export interface IdentifiedFile {
  readonly path: string;
  /** Undefined for a file that was deleted. */
  readonly file: ContextFile | undefined;
  readonly differs: boolean;
}

export interface IdentifyOptions {
  /** The commit, whose name tells how git names contents in this repository. */
  readonly revision: string;
  readonly signal: AbortSignal | undefined;
}

const atOnce = 32;

/**
 * Finds out what files are, reading only those that may differ from the commit. Throws `IMAGE_STORE_SOURCE_UNSUPPORTED`
 * for submodules, nested repositories and names that are not UTF-8.
 */
export async function identifyFiles(
  files: readonly ListedFile[],
  { revision, signal }: IdentifyOptions,
): Promise<readonly IdentifiedFile[]> {
  const algorithm = revision.length === 64 ? 'sha256' : 'sha1';
  const identified: IdentifiedFile[] = [];
  for (let at = 0; at < files.length; at += atOnce) {
    signal?.throwIfAborted();
    const some = files.slice(at, at + atOnce);
    identified.push(...(await Promise.all(some.map((file) => identifyFile(file, algorithm)))));
  }
  return identified;
}

async function identifyFile(listed: ListedFile, algorithm: string): Promise<IdentifiedFile> {
  const path = checkedPath(listed.path);
  if (listed.workingFile !== undefined) return identifyWorkingFile(listed, listed.workingFile, algorithm);
  const { committed } = listed;
  if (committed?.mode === undefined) throw submoduleRefused(path);
  const { mode, object } = committed;
  return { path, file: { path, mode, object, working: undefined }, differs: false };
}

async function identifyWorkingFile(
  { path, committed }: ListedFile,
  file: string,
  algorithm: string,
): Promise<IdentifiedFile> {
  const stats = await statsOf(file);
  if (stats?.isDirectory() === true) await refuseRepository(file, path);
  if (stats === undefined || stats.isDirectory()) return { path, file: undefined, differs: committed !== undefined };
  const mode = stats.isSymbolicLink() ? 'symlink' : (stats.mode & 0o100) === 0 ? 0o644 : 0o755;
  const object = await objectOf(file, stats, algorithm);
  if (committed?.mode === mode && committed.object === object) {
    return { path, file: { path, mode, object, working: undefined }, differs: false };
  }
  return { path, file: { path, mode, object, working: { file, sizeBytes: stats.size } }, differs: true };
}

async function statsOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function objectOf(file: string, stats: Stats, algorithm: string): Promise<string> {
  const hash = blobHash(algorithm, stats.size);
  if (stats.isSymbolicLink()) hash.update(await readlink(file, 'buffer'));
  else for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Hashes what follows as git does to name it: its bytes as they are. */
export function blobHash(algorithm: string, sizeBytes: number): Hash {
  return createHash(algorithm).update(`blob ${sizeBytes}\0`);
}
