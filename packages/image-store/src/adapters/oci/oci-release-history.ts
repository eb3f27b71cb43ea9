import { isDeepStrictEqual } from 'node:util';

import { isMaestroError, type Logger, messageOf } from '@maestro/core';

import {
  type KeptReleases,
  keptOf,
  newestReleaseFirst,
  releasesToKeep,
  releasesToRead,
} from '../../history/kept-releases.ts';
import type { TaggedImage } from '../../history/rebuild-records.ts';
import { checkedRelease, isReleaseId, parseRelease, releaseConflict } from '../../history/release-record.ts';
import { checkEnvironment } from '../../image/names.ts';
import { releaseTag, type TaggedRelease, taggedRelease } from '../../image/release-tags.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { ReleaseHistory, ReleaseRecord } from '../../ports/release-history.ts';
import { concurrently } from '../../concurrently.ts';
import { documentOf, type ReleaseDocuments } from './release-documents.ts';
import { ReleasedImages } from './release-images.ts';
import { type OciReleaseOptions, openReleaseRepository, type ReleaseRepository } from './release-repository.ts';

const type = 'application/vnd.maestro.release.v1+json';

export interface OciReleaseHistoryOptions extends OciReleaseOptions {
  /** How many releases are remembered in environments that want more than 10. */
  readonly kept?: KeptReleases | undefined;
}

/** A history that several machines share. */
export interface OciReleaseHistory extends ReleaseHistory {
  /** What the images' own tags tell of an environment's releases, for `rebuildRecords` when the records are lost. */
  taggedImages(
    query: { readonly environment: string; readonly services: readonly string[] },
    options?: Cancellable,
  ): Promise<readonly TaggedImage[]>;
}

/**
 * A history in any registry of https://github.com/opencontainers/distribution-spec: each release is an artifact of its
 * own under `h-<environment>-<id>`, so that writers on different machines never meet. Besides the codes of the port it
 * throws `IMAGE_STORE_UNREACHABLE`, `IMAGE_STORE_UNAUTHORIZED`, `IMAGE_STORE_DENIED`, `IMAGE_STORE_CREDENTIALS` and
 * `IMAGE_STORE_UNEXPECTED_ANSWER`; `record` `IMAGE_STORE_PUSH_FAILED`; opening it `IMAGE_STORE_INVALID_REGISTRY`,
 * `IMAGE_STORE_INVALID_NAME`. Damaged artifacts are reported to the logger and left out.
 */
export function openOciReleaseHistory(options: OciReleaseHistoryOptions): OciReleaseHistory {
  return new RegistryReleaseHistory(openReleaseRepository(options), options.kept);
}

class RegistryReleaseHistory implements OciReleaseHistory {
  readonly #documents: ReleaseDocuments;
  readonly #images: ReleasedImages;
  readonly #logger: Logger;
  readonly #kept: KeptReleases | undefined;
  /** By tag. Records never change, so that each is read once. */
  readonly #known = new Map<string, ReleaseRecord>();

  constructor(repository: ReleaseRepository, kept: KeptReleases | undefined) {
    this.#documents = repository.documents;
    this.#images = new ReleasedImages(repository);
    this.#logger = repository.logger;
    this.#kept = kept;
  }

  async record(release: ReleaseRecord, options: Cancellable = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const record = checkedRelease(release);
    checkEnvironment(record.environment);
    await this.#write(record, options);
    // The release is recorded; what follows is repeated with the next one, and must not stop this one.
    await this.#attempt('tag its images', () => this.#tagImages(record, options));
    await this.#attempt('forget old ones', () => this.#forgetOld(record.environment, options));
  }

  async list(
    {
      environment,
      limit = keptOf(this.#kept, environment),
    }: { readonly environment: string; readonly limit?: number | undefined },
    options: Cancellable = {},
  ): Promise<readonly ReleaseRecord[]> {
    options.signal?.throwIfAborted();
    checkEnvironment(environment);
    const read = await this.#readWhatStays(environment, await this.#ids(environment, options), options);
    const records = [...read.values()].filter((record) => record !== undefined);
    const kept = releasesToKeep(records, keptOf(this.#kept, environment));
    return records
      .filter(({ id }) => kept.has(id))
      .sort(newestReleaseFirst)
      .slice(0, limit);
  }

  async get(key: TaggedRelease, options: Cancellable = {}): Promise<ReleaseRecord | undefined> {
    options.signal?.throwIfAborted();
    checkEnvironment(key.environment);
    return isReleaseId(key.id) ? this.#read(key, options) : undefined;
  }

  async environments(options: Cancellable = {}): Promise<readonly string[]> {
    options.signal?.throwIfAborted();
    const tags = await this.#documents.tags(options);
    return [...new Set(tags.flatMap((tag) => taggedRelease(tag)?.environment ?? []))].sort();
  }

  async taggedImages(
    { environment, services }: { readonly environment: string; readonly services: readonly string[] },
    options: Cancellable = {},
  ): Promise<readonly TaggedImage[]> {
    options.signal?.throwIfAborted();
    checkEnvironment(environment);
    return this.#images.tagged({ environment, services, ...options });
  }

  /** Where the record is there already, only the bytes that a killed writer or a garbage collection left out. */
  async #write(record: ReleaseRecord, options: Cancellable): Promise<void> {
    const tag = releaseTag(record);
    const document = documentOf(type, record);
    const held = await this.#documents.digest(tag, options);
    if (held === undefined) await this.#documents.write(document, { tag, ...options });
    else if (held === document.manifest.digest) await this.#documents.writeContents(document.contents, options);
    else if (!isDeepStrictEqual(await this.#read(record, options), record)) throw releaseConflict(record);
    this.#known.set(tag, record);
  }

  /** Those that began to receive traffic: so tags grow with what changes, not with each release of everything. */
  async #tagImages(record: ReleaseRecord, options: Cancellable): Promise<void> {
    const { environment, previousHealthy } = record;
    const previous =
      previousHealthy === null ? undefined : await this.#readOnce({ environment, id: previousHealthy }, options);
    await this.#images.tag({ record, previous, ...options });
  }

  async #forgetOld(environment: string, options: Cancellable): Promise<void> {
    const ids = await this.#ids(environment, options);
    const count = keptOf(this.#kept, environment);
    if (ids.length <= count) return;
    const read = await this.#readWhatStays(environment, ids, options);
    const kept = releasesToKeep(
      [...read.values()].filter((record) => record !== undefined),
      count,
    );
    // One that was to stay and cannot be read is left for somebody to look at.
    for (const id of ids.filter((other) => !kept.has(other) && (!read.has(other) || read.get(other) !== undefined))) {
      const tag = releaseTag({ environment, id });
      await this.#orWarn(tag, () => this.#documents.remove({ tag, type, ...options }));
      this.#known.delete(tag);
    }
  }

  /** The newest first. */
  async #ids(environment: string, options: Cancellable): Promise<readonly string[]> {
    const tagged = (await this.#documents.tags(options)).flatMap((tag) => taggedRelease(tag) ?? []);
    const own = tagged.filter((release) => release.environment === environment);
    return own
      .map(({ id }) => id)
      .sort()
      .reverse();
  }

  /** No more than that: where nobody may delete, there are more and more others. */
  async #readWhatStays(environment: string, ids: readonly string[], options: Cancellable) {
    const read = new Map<string, ReleaseRecord | undefined>();
    const nextOnes = () => releasesToRead(ids, read, keptOf(this.#kept, environment));
    for (let next = nextOnes(); next.length > 0; next = nextOnes()) {
      const records = await concurrently(next, (id) => this.#readOnce({ environment, id }, options));
      for (const [index, id] of next.entries()) read.set(id, records[index]);
    }
    return read;
  }

  async #readOnce(key: TaggedRelease, options: Cancellable): Promise<ReleaseRecord | undefined> {
    const tag = releaseTag(key);
    const record = this.#known.get(tag) ?? (await this.#read(key, options));
    if (record !== undefined) this.#known.set(tag, record);
    return record;
  }

  /** Undefined where there is none; of a damaged one a warning is all that remains. */
  async #read(key: TaggedRelease, options: Cancellable): Promise<ReleaseRecord | undefined> {
    const tag = releaseTag(key);
    const text = await this.#orWarn(tag, () => this.#documents.read({ tag, type, ...options }));
    return text === undefined ? undefined : this.#parsed(text, { tag, key });
  }

  #parsed(text: string, { tag, key }: { readonly tag: string; readonly key: TaggedRelease }) {
    try {
      const record = parseRelease(text);
      if (record.id === key.id && record.environment === key.environment) return record;
      this.#warn(tag, `it is ${record.id} of ${record.environment}`);
    } catch (error) {
      this.#warn(tag, messageOf(error));
    }
    return undefined;
  }

  async #orWarn<T>(tag: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isMaestroError(error, 'IMAGE_STORE_CORRUPT')) throw error;
      this.#warn(tag, messageOf(error));
      return undefined;
    }
  }

  #warn(tag: string, reason: string): void {
    const artifact = `${this.#documents.repository}:${tag}`;
    this.#logger.warn('an artifact in the history is not the release it should be', { artifact, reason });
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isMaestroError(error)) throw error;
      const { repository } = this.#documents;
      this.#logger.warn(`the release is recorded, but the registry did not ${what}`, {
        repository,
        reason: error.message,
      });
    }
  }
}
