import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { LayoutFiles } from './layout-files.ts';

const chunkBytes = 256 * 1024;

export class FolderFiles implements LayoutFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  place(path: string): string {
    return join(this.#folder, path);
  }

  async sizeBytes(path: string): Promise<number | undefined> {
    try {
      const found = await stat(this.place(path));
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
      throw error;
    }
  }

  chunks(path: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.place(path), { highWaterMark: chunkBytes });
  }
}
