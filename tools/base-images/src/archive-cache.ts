import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { poll, systemClock, writeFileDurably } from '@maestro/core';
import { holdExclusively } from '@maestro/core/exclusive-hold';

import { busy } from './errors.ts';
import type { Recipe } from './recipes.ts';

const holdDeadlineMs = 20 * 60_000;
const workPrefix = 'making-';

/** Archives made by recipes, one file each with its checksum beside it; whoever uses them holds the cache meanwhile. */
export class ArchiveCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  /** Waits until no other process holds the cache; throws BASE_IMAGE_BUSY when that takes too long. */
  async hold(signal?: AbortSignal): Promise<Disposable> {
    await mkdir(this.#folder, { recursive: true });
    const lock = join(this.#folder, 'lock');
    const { value } = await poll({
      probe: () => Promise.resolve(holdExclusively(lock)),
      accept: (hold) => hold !== undefined,
      intervalMs: 50,
      deadlineMs: holdDeadlineMs,
      clock: systemClock,
      signal,
    });
    if (value === undefined) throw busy(lock);
    return value;
  }

  /** The archive that this very recipe made; undefined where there is none or it is not what was written. */
  async find(recipe: Recipe): Promise<string | undefined> {
    const archive = this.#pathOf(recipe);
    const recorded = await readFile(checksumFile(archive), 'utf8').catch(() => undefined);
    if (recorded === undefined) return undefined;
    const actual = await sha256(archive).catch(() => undefined);
    return actual !== undefined && recorded === checksumLine(actual, archive) ? archive : undefined;
  }

  /** Moves a finished archive in, in the place of those that older recipes made. */
  async keep(recipe: Recipe, finished: string): Promise<string> {
    const archive = this.#pathOf(recipe);
    await this.#removeAll(`${recipe.name}-`);
    await rename(finished, archive);
    // An archive without it counts as absent, so a crash in between costs time only.
    await writeFileDurably(checksumFile(archive), checksumLine(await sha256(archive), archive));
    return archive;
  }

  /** A folder to make an archive in, removed when disposed of; one that a killed process left goes as well. */
  async workFolder(): Promise<AsyncDisposable & { readonly path: string }> {
    await this.#removeAll(workPrefix);
    const path = await mkdtemp(join(this.#folder, workPrefix));
    return { path, [Symbol.asyncDispose]: () => removeTree(path) };
  }

  async #removeAll(prefix: string): Promise<void> {
    const names = await readdir(this.#folder);
    for (const name of names.filter((each) => each.startsWith(prefix))) await removeTree(join(this.#folder, name));
  }

  #pathOf(recipe: Recipe): string {
    return join(this.#folder, `${recipe.name}-${keyOf(recipe)}.tar`);
  }
}

/** Differs between recipes that differ in anything. */
export function keyOf(recipe: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

function checksumFile(archive: string): string {
  return `${archive}.sha256`;
}

/** As sha256sum(1) writes and checks it. */
function checksumLine(digest: string, archive: string): string {
  return `${digest}  ${basename(archive)}\n`;
}

async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
