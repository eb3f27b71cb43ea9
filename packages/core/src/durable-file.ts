// Not imported: Node has loaded these already, but would wrap each of them once more, for milliseconds of every process.
const { renameSync, symlinkSync } = process.getBuiltinModule('node:fs');
const paths = process.getBuiltinModule('node:path');

export interface DurableFileOptions {
  /** Permission bits; 0o600 by default. */
  readonly mode?: number;
}

/** Replaces a file so that a crash leaves the old or the new contents, never a mixture; creates missing folders. */
export async function writeFileDurably(
  path: string,
  contents: string | Uint8Array,
  options: DurableFileOptions = {},
): Promise<void> {
  const temporary = await writeTemporary(path, contents, options);
  await files().rename(temporary, path);
  await syncFolder(paths.dirname(path));
}

/**
 * Creates a file whole or not at all; creates missing folders.
 * Returns false, and changes nothing, where the file exists: of several racing callers exactly one gets true.
 */
export async function createFileDurably(
  path: string,
  contents: string | Uint8Array,
  options: DurableFileOptions = {},
): Promise<boolean> {
  const temporary = await writeTemporary(path, contents, options);
  try {
    await files().link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await files().rm(temporary, { force: true });
  }
  await syncFolder(paths.dirname(path));
  return true;
}

/** Points a symbolic link elsewhere with one rename(2): readers see the old target or the new one. */
export function replaceSymlink(path: string, target: string): void {
  const temporary = temporaryName(path);
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}

/** Flushes a folder's entries, without which a rename may be lost in a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await files().open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeTemporary(path: string, contents: string | Uint8Array, options: DurableFileOptions) {
  await files().mkdir(paths.dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  const file = await files().open(temporary, 'wx', options.mode ?? 0o600);
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

function temporaryName(path: string): string {
  return paths.join(paths.dirname(path), `.${paths.basename(path)}.${randomHex(6)}.tmp`);
}

/** By the global: loading `node:crypto` takes a seventh of the time that Node itself needs to start (4.5 of 30 ms). */
function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}

/** Loaded when a file is first written, which most who load this package never do. */
function files() {
  return process.getBuiltinModule('node:fs/promises');
}
