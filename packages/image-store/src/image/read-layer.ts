import { dirname, isAbsolute, join } from 'node:path/posix';

import { messageOf } from '@maestro/core';
import type { Header } from 'tar-stream';

import { ImageStoreError } from '../errors.ts';
import { collectBytes } from './collect-bytes.ts';

/** A file beside the image's own that says which image a folder holds: it comes and goes with the folder. */
export const unpackedMark = '.maestro-image';

/** A part of a layer that can be written below a folder without ever touching anything outside. */
export type LayerEntry =
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly contents: Uint8Array }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

/** Reads a layer; throws `IMAGE_STORE_UNSAFE_IMAGE` for whatever would lead out of the folder it is written to. */
export async function readLayer(layer: Uint8Array): Promise<readonly LayerEntry[]> {
  const entries = new Map<string, LayerEntry>();
  for (const { header, contents } of await readArchive(layer)) {
    const entry = safeEntry(header, contents);
    if (entries.has(entry.path)) throw unsafe(entry.path, 'it occurs twice');
    entries.set(entry.path, entry);
  }
  for (const path of entries.keys()) {
    for (let above = dirname(path); above !== '.'; above = dirname(above)) {
      if (entries.get(above)?.type !== 'directory') throw unsafe(path, `${above} is not a folder of the image`);
    }
  }
  return [...entries.values()];
}

async function readArchive(layer: Uint8Array) {
  const entries: { readonly header: Header; readonly contents: Uint8Array }[] = [];
  const { extract } = await import('tar-stream');
  const archive = extract();
  archive.end(layer);
  try {
    for await (const entry of archive) {
      entries.push({ header: entry.header, contents: await collectBytes(entry) });
    }
  } catch (error) {
    throw unsafe('its layer', `it is no tar archive: ${messageOf(error)}`);
  }
  return entries;
}

function safeEntry(header: Header, contents: Uint8Array): LayerEntry {
  const path = header.name.replace(/\/$/, '');
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..') || path.includes('\0')) {
    throw unsafe(header.name, 'expected a path below the image, without . and ..');
  }
  if (path === unpackedMark) throw unsafe(path, 'unpacked images are marked with a file of this name');
  // Only what git keeps: no set-user-id, no files for everybody to write.
  const mode = (header.mode & 0o100) === 0 ? 0o644 : 0o755;
  switch (header.type) {
    case 'directory':
      return { type: 'directory', path };
    case 'file':
      return { type: 'file', path, mode, contents };
    case 'symlink':
      return { type: 'symlink', path, target: safeTarget(path, header.linkname) };
    default:
      throw unsafe(path, `expected a file, a folder or a symbolic link, not a ${header.type}`);
  }
}

/** Going up is fine at the start of a target only: further on it may go up from wherever another link leads. */
function safeTarget(path: string, target: string): string {
  const descent = target.replace(/^(?:\.\.?(?:\/+|$))*/, '');
  const lost = descent.split('/').includes('..') || join(dirname(path), target).split('/')[0] === '..';
  if (target === '' || target.includes('\0') || isAbsolute(target) || lost) {
    throw unsafe(path, `its target ${target} leads, or may lead, out of the image`);
  }
  return target;
}

function unsafe(path: string, why: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNSAFE_IMAGE', `the image must not be unpacked because of ${path}: ${why}`, {
    hint: 'keep everything that the service needs inside its folder, and build the image anew',
    details: { path },
  });
}
