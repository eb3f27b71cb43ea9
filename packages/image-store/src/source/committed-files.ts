import { ImageStoreError } from '../errors.ts';
import type { GitFolder } from './git-folder.ts';
import { byBytes, type SourceFile } from './image-source.ts';

const modes: Readonly<Record<string, SourceFile['mode']>> = {
  '100644': 0o644,
  // Written by early versions of git.
  '100664': 0o644,
  '100755': 0o755,
  '120000': 'symlink',
};

/** The folder's files as a commit holds them, from git's objects alone; none where the commit has no such folder. */
export async function committedFiles({ git, path }: GitFolder, revision: string): Promise<readonly SourceFile[]> {
  const tree = await git.attempt('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}:${path}`);
  if (tree === undefined || (await git.run('cat-file', '-t', tree.trim())).trim() !== 'tree') return [];
  const entries = splitRecords(await git.run('ls-tree', '-r', '-z', '--full-tree', tree.trim())).map(parseEntry);
  const blobs = await git.blobs(entries.map(({ blob }) => blob));
  return entries
    .map((entry, i) => ({ path: entry.path, mode: entry.mode, contents: blobs[i] ?? new Uint8Array() }))
    .sort((a, b) => byBytes(a.path, b.path));
}

/** Takes apart what git prints with `-z`. */
export function splitRecords(output: string): readonly string[] {
  return output.split('\0').filter((record) => record !== '');
}

/** Throws `IMAGE_STORE_SOURCE_UNSUPPORTED` for a path whose bytes are no text: images name files in UTF-8. */
export function checkedPath(path: string): string {
  if (!path.includes('\uFFFD')) return path;
  throw new ImageStoreError('IMAGE_STORE_SOURCE_UNSUPPORTED', `the name of ${path} is not UTF-8`, {
    hint: 'rename the file, for example with git mv',
    details: { path },
  });
}

export function submoduleRefused(path: string): ImageStoreError {
  return new ImageStoreError(
    'IMAGE_STORE_SOURCE_UNSUPPORTED',
    `${path} is a submodule or another git repository, whose files this repository's commits do not hold`,
    { hint: `commit its files here, or ignore it: echo /${path}/ >> .gitignore`, details: { path } },
  );
}

function parseEntry(record: string): Omit<SourceFile, 'contents'> & { readonly blob: string } {
  const { path, mode, object } = parseTreeEntry(record);
  checkedPath(path);
  if (mode === undefined) throw submoduleRefused(path);
  return { path, mode, blob: object };
}

/** `<mode> <type> <object>\t<path>`; no mode for a submodule. */
export function parseTreeEntry(record: string): {
  readonly path: string;
  readonly mode: SourceFile['mode'] | undefined;
  readonly object: string;
} {
  const tab = record.indexOf('\t');
  const [gitMode = '', , object = ''] = record.slice(0, tab).split(' ');
  return { path: record.slice(tab + 1), mode: modes[gitMode], object };
}
