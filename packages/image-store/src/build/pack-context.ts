import type { Header, Pack } from 'tar-stream';

import { entryCommon, folderMode, foldersOf } from '../image/pack-layer.ts';
import { collectBytes } from '../image/collect-bytes.ts';
import { contextContents } from '../source/context-contents.ts';
import type { ContextFile } from '../source/context-files.ts';
import type { GitObjectsOptions, ObjectContents } from '../source/git-objects.ts';
import { byBytes } from '../source/image-source.ts';

export interface PackContextOptions extends GitObjectsOptions {
  /** Sorted by the bytes of their paths. */
  readonly files: readonly ContextFile[];
  /** Files of no folder, such as a Dockerfile from elsewhere. */
  readonly additions: readonly { readonly path: string; readonly text: string }[];
  /** The time of every entry, ISO 8601. */
  readonly modifiedAt: string;
}

/**
 * A build context as an uncompressed tar archive that depends on its files and `modifiedAt` alone, byte for byte. Only
 * a few chunks of it are in memory at any time. Throws what reading the files does.
 */
export async function* packContext(options: PackContextOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { pack } = await import('tar-stream');
  const archive = pack();
  const fed = feed(archive, options).then(
    () => {
      archive.finalize();
    },
    (error: unknown) => {
      archive.destroy(error as Error);
    },
  );
  try {
    yield* archive as AsyncIterable<Uint8Array>;
  } finally {
    archive.destroy();
    await fed;
  }
}

async function feed(archive: Pack, { files, additions, modifiedAt, ...options }: PackContextOptions): Promise<void> {
  const common = entryCommon(modifiedAt);
  const texts = new Map(additions.map(({ path, text }) => [path, text]));
  const folders = foldersOf([...files, ...additions]);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const contents = contextContents(files, options);
  try {
    for (const name of [...byPath.keys(), ...texts.keys(), ...folders].sort(byBytes)) {
      const text = texts.get(name);
      if (folders.has(name)) archive.entry({ ...common, name, type: 'directory', mode: folderMode });
      else if (text !== undefined) archive.entry({ ...common, name, type: 'file', mode: 0o644 }, text);
      else {
        const next = await contents.next();
        if (next.done !== true) await writeFile(archive, { ...common, name }, next.value);
      }
    }
  } finally {
    await contents.return();
  }
}

async function writeFile(
  archive: Pack,
  header: Pick<Header, 'name' | 'mtime' | 'uid' | 'gid'>,
  { file, sizeBytes, chunks }: ObjectContents & { readonly file: ContextFile },
): Promise<void> {
  if (file.mode === 'symlink') {
    const linkname = (await collectBytes(chunks)).toString('utf8');
    archive.entry({ ...header, type: 'symlink', mode: 0o777, linkname });
    return;
  }
  const entry = archive.entry({ ...header, type: 'file', mode: file.mode, size: sizeBytes });
  let wake: () => void = () => undefined;
  for (const event of ['drain', 'close'] as const)
    entry.on(event, () => {
      wake();
    });
  // The archive fails with it, and tells whoever reads it.
  entry.on('error', () => undefined);
  const woken = () => new Promise<void>((resolve) => (wake = resolve));
  for await (const chunk of chunks) {
    // Until whoever reads the archive has taken what was written before.
    if (!entry.write(chunk) && !entry.destroyed) await woken();
    if (entry.destroyed) throw new Error('the archive is not read any further');
  }
  const closed = woken();
  entry.end(undefined);
  await closed;
}
