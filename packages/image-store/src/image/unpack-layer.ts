import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { syncFolder } from '@maestro/core';

import { ImageStoreError } from '../errors.ts';
import { type LayerEntry, readLayer, unpackedMark } from './read-layer.ts';

const writers = 8;

export interface UnpackTarget {
  readonly folder: string;
  readonly digest: string;
}

/**
 * Writes a layer to a folder beside the target and renames it when all of it is on the disk.
 * Throws `IMAGE_STORE_FOLDER_TAKEN`, `IMAGE_STORE_UNSAFE_IMAGE`.
 */
export async function unpackLayer(
  options: UnpackTarget & { readonly layer: Uint8Array; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { folder, digest, layer, signal } = options;
  if (await holdsImage(options)) return;
  const mark: LayerEntry = { type: 'file', path: unpackedMark, mode: 0o644, contents: Buffer.from(`${digest}\n`) };
  const entries = await readLayer(layer);
  const temporary = join(dirname(folder), `.${basename(folder)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeEntries(temporary, [...entries, mark], signal);
    await moveIntoPlace(temporary, options);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Whether the folder holds exactly this image; another one in it throws `IMAGE_STORE_FOLDER_TAKEN`. */
export async function holdsImage({ folder, digest }: UnpackTarget): Promise<boolean> {
  let held: string;
  try {
    held = (await readFile(join(folder, unpackedMark), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw folderTaken({ folder, digest }, 'what is no image', error);
  }
  if (held !== digest) throw folderTaken({ folder, digest }, `the image ${held}`);
  return true;
}

/** Removes what a killed process left beside the target; only for a caller that excludes others meanwhile. */
export async function removeLeftovers(folder: string): Promise<void> {
  const above = dirname(folder);
  const prefix = `.${basename(folder)}.`;
  for (const name of await readdir(above)) {
    const temporary = name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length));
    if (temporary) await rm(join(above, name), { recursive: true, force: true });
  }
}

async function moveIntoPlace(temporary: string, target: UnpackTarget): Promise<void> {
  try {
    await rename(temporary, target.folder);
  } catch (error) {
    // Another process may have unpacked the same image meanwhile.
    if (await holdsImage(target)) return;
    throw folderTaken(target, 'what is no image', error);
  }
  await syncFolder(dirname(target.folder));
}

async function writeEntries(
  folder: string,
  entries: readonly LayerEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const below = entries.filter((entry) => entry.type === 'directory').map(({ path }) => join(folder, path));
  const folders = [folder, ...below];
  for (const path of folders) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }

  // Waiting for the disk takes most of the time, so several files wait at once.
  const rest = entries.values();
  const write = async () => {
    for (const entry of rest) {
      signal?.throwIfAborted();
      await writeEntry(join(folder, entry.path), entry);
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: writers }, write));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  for (const path of folders) await syncFolder(path);
}

async function writeEntry(path: string, entry: LayerEntry): Promise<void> {
  if (entry.type === 'directory') return;
  if (entry.type === 'symlink') {
    await symlink(entry.target, path);
    return;
  }
  const file = await open(path, 'wx', entry.mode);
  try {
    await file.writeFile(entry.contents);
    // Opening applies the process's mask, which is none of the image's business.
    await file.chmod(entry.mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

function folderTaken({ folder, digest }: UnpackTarget, holds: string, cause?: unknown): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_FOLDER_TAKEN', `${digest} is not unpacked: ${folder} holds ${holds}`, {
    hint: 'unpack each image to a folder of its own, or move this one away',
    details: { folder, digest },
    cause,
  });
}
