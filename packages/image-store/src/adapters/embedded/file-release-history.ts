import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { createFileDurably, type Logger, messageOf, silentLogger } from '@maestro/core';

import { type KeptReleases, keptOf, newestReleaseFirst, releasesToKeep } from '../../history/kept-releases.ts';
import { checkedRelease, isReleaseId, parseRelease, releaseConflict } from '../../history/release-record.ts';
import { checkEnvironment, isEnvironment } from '../../image/names.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { ReleaseHistory, ReleaseRecord } from '../../ports/release-history.ts';

const extension = '.json';

export interface FileReleaseHistoryOptions {
  /** Holds one folder an environment, with one file a release; made when the first release is recorded. */
  readonly folder: string;
  /** How many releases are remembered in environments that want more than 10. */
  readonly kept?: KeptReleases | undefined;
  readonly logger?: Logger | undefined;
}

/** A history in a folder of this machine: every release is a file of its own, so that writers never meet. */
export function openFileReleaseHistory(options: FileReleaseHistoryOptions): ReleaseHistory {
  const { folder, kept, logger = silentLogger } = options;
  return new FileReleaseHistory({ folder, kept, logger });
}

class FileReleaseHistory implements ReleaseHistory {
  readonly #folder: string;
  readonly #kept: KeptReleases | undefined;
  readonly #logger: Logger;

  constructor({ folder, kept, logger }: FileReleaseHistoryOptions & { readonly logger: Logger }) {
    this.#folder = folder;
    this.#kept = kept;
    this.#logger = logger;
  }

  async record(release: ReleaseRecord, options?: Cancellable): Promise<void> {
    options?.signal?.throwIfAborted();
    const record = checkedRelease(release);
    const path = this.#path(record);
    const created = await createFileDurably(path, `${JSON.stringify(record, undefined, 2)}\n`);
    if (!created && !isDeepStrictEqual(await this.get(record), record)) throw releaseConflict(record);
    await this.#forgetOld(record.environment);
  }

  async list(
    {
      environment,
      limit = keptOf(this.#kept, environment),
    }: { readonly environment: string; readonly limit?: number | undefined },
    options?: Cancellable,
  ): Promise<readonly ReleaseRecord[]> {
    options?.signal?.throwIfAborted();
    return (await this.#readAll(environment)).slice(0, limit);
  }

  async get(
    { environment, id }: { readonly environment: string; readonly id: string },
    options?: Cancellable,
  ): Promise<ReleaseRecord | undefined> {
    options?.signal?.throwIfAborted();
    checkEnvironment(environment);
    // What is no id must not become a path either.
    return isReleaseId(id) ? this.#read({ environment, id }) : undefined;
  }

  async environments(options?: Cancellable): Promise<readonly string[]> {
    options?.signal?.throwIfAborted();
    const names = (await entriesOf(this.#folder)).filter((name) => isEnvironment(name));
    const held = await Promise.all(names.map(async (name) => entriesOf(join(this.#folder, name))));
    return names.filter((_, index) => held[index]?.some((file) => isReleaseId(basename(file, extension)))).sort();
  }

  async #forgetOld(environment: string): Promise<void> {
    const records = await this.#readAll(environment);
    const kept = releasesToKeep(records, keptOf(this.#kept, environment));
    for (const { id } of records) {
      if (!kept.has(id)) await rm(this.#path({ environment, id }), { force: true });
    }
  }

  /** The newest first. */
  async #readAll(environment: string): Promise<readonly ReleaseRecord[]> {
    const ids = await this.#ids(environment);
    const records = await Promise.all(ids.map((id) => this.#read({ environment, id })));
    return records.filter((record) => record !== undefined).sort(newestReleaseFirst);
  }

  async #ids(environment: string): Promise<readonly string[]> {
    const folder = this.#environmentFolder(environment);
    const names = await entriesOf(folder);
    // Hidden files are being written right now, or were when a writer was killed.
    const visible = names.filter((name) => !name.startsWith('.'));
    for (const name of visible.filter((other) => !other.endsWith(extension))) {
      this.#warn(join(folder, name), `expected its name to end in ${extension}`);
    }
    return visible.filter((name) => name.endsWith(extension)).map((name) => name.slice(0, -extension.length));
  }

  /** Undefined where there is no file; of one that is no record of this release a warning is all that remains. */
  async #read(key: { readonly environment: string; readonly id: string }): Promise<ReleaseRecord | undefined> {
    const file = this.#path(key);
    try {
      const record = parseRelease(await readFile(file, 'utf8'));
      if (record.id === key.id && record.environment === key.environment) return record;
      this.#warn(file, `it is ${record.id} of ${record.environment}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#warn(file, messageOf(error));
    }
    return undefined;
  }

  #warn(file: string, reason: string): void {
    this.#logger.warn('a file in the history is not the release it should be', { file, reason });
  }

  #path({ environment, id }: { readonly environment: string; readonly id: string }): string {
    return join(this.#environmentFolder(environment), `${id}${extension}`);
  }

  #environmentFolder(environment: string): string {
    checkEnvironment(environment);
    return join(this.#folder, environment);
  }
}

/** None of what is no folder. */
async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
