import { createHash } from 'node:crypto';

import type { SourceFile } from '../source/image-source.ts';

/** Identity of what an image is made of, whichever commit has it: paths, modes and contents of the files, and labels. */
export function inputHashOf(files: readonly SourceFile[], labels: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const { path, mode, contents } of files) {
    // Lengths stand before what could hold anything, so that no two different inputs read the same.
    hash.update(JSON.stringify([path, mode, contents.byteLength])).update(contents);
  }
  hash.update(JSON.stringify(labels));
  return `sha256:${hash.digest('hex')}`;
}
