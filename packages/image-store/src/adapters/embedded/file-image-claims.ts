import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, type Logger, silentLogger, systemClock, writeFileDurably } from '@maestro/core';

import type { ImageClaims } from '../../ports/image-claims.ts';
import { type ClaimNotes, NotedClaims } from '../../retention/noted-claims.ts';

export interface FileImageClaimsOptions {
  /** One for all environments that share images; made with the first claim. */
  readonly folder: string;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** Claims of the environments of one machine, a file each. */
export function openFileImageClaims(options: FileImageClaimsOptions): ImageClaims {
  const { folder, clock = systemClock, logger = silentLogger } = options;
  const notes: ClaimNotes = {
    write: (name, text) => writeFileDurably(join(folder, name), text),
    remove: (name) => rm(join(folder, name), { force: true }),
    // Hidden files are being written right now.
    names: async () => ((await whereThere(readdir(folder))) ?? []).filter((name) => !name.startsWith('.')),
    read: (name) => whereThere(readFile(join(folder, name), 'utf8')),
  };
  return new NotedClaims({ notes, clock, logger });
}

async function whereThere<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
