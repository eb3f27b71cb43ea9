import { dirname } from 'node:path/posix';

import { byBytes, type SourceFile } from '../source/image-source.ts';
import { collectBytes } from './collect-bytes.ts';

export const folderMode = 0o755;
// The tar header counts seconds in 31 bits here.
const lastSecond = 2 ** 31 - 1;

/** The files as an uncompressed tar archive that depends on them and `modifiedAt` alone, byte for byte. */
export async function packLayer(files: readonly SourceFile[], modifiedAt: string): Promise<Uint8Array> {
  const common = entryCommon(modifiedAt);
  const byName = new Map(files.map((file) => [file.path, file]));
  const names = [...byName.keys(), ...foldersOf(files)].sort(byBytes);

  // Who looks at images loads no packer.
  const { pack } = await import('tar-stream');
  const archive = pack();
  for (const name of names) {
    const file = byName.get(name);
    if (file === undefined) {
      archive.entry({ ...common, name, type: 'directory', mode: folderMode });
    } else if (file.mode === 'symlink') {
      const linkname = Buffer.from(file.contents).toString('utf8');
      archive.entry({ ...common, name, type: 'symlink', mode: 0o777, linkname });
    } else {
      archive.entry({ ...common, name, type: 'file', mode: file.mode }, file.contents);
    }
  }
  archive.finalize();
  return collectBytes(archive);
}

/** What the headers of all entries have in common. */
export function entryCommon(modifiedAt: string): { readonly uid: 0; readonly gid: 0; readonly mtime: Date } {
  const seconds = Math.min(Math.max(Math.floor(Date.parse(modifiedAt) / 1000), 0), lastSecond);
  return { uid: 0, gid: 0, mtime: new Date(seconds * 1000) };
}

/** Every folder above a file, with the slash that makes it one in an archive and sorts it before what it holds. */
export function foldersOf(files: readonly { readonly path: string }[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(`${folder}/`);
  }
  return folders;
}
