import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ImageSource } from '@maestro/image-store';

type Files = ImageSource['files'];

/** The ordinary files below a folder of a service. */
export function filesBelow(folder: string, files: Files): Files {
  return files.filter(({ path, mode }) => mode !== 'symlink' && path.startsWith(`${folder}/`));
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const { path, contents } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
}
