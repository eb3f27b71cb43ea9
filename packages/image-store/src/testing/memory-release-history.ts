import { isDeepStrictEqual } from 'node:util';

import { type KeptReleases, keptOf, newestReleaseFirst, releasesToKeep } from '../history/kept-releases.ts';
import { checkedRelease, releaseConflict } from '../history/release-record.ts';
import { checkEnvironment } from '../image/names.ts';
import type { Cancellable } from '../ports/image-store.ts';
import type { ReleaseHistory, ReleaseRecord } from '../ports/release-history.ts';

/** A release history that forgets everything with its process. */
export class MemoryReleaseHistory implements ReleaseHistory {
  readonly #kept: KeptReleases | undefined;
  #records: readonly ReleaseRecord[] = [];

  constructor({ kept }: { readonly kept?: KeptReleases | undefined } = {}) {
    this.#kept = kept;
  }

  async record(release: ReleaseRecord, options?: Cancellable): Promise<void> {
    const record = structuredClone(checkedRelease(release));
    const known = await this.get(record, options);
    if (known !== undefined) {
      if (isDeepStrictEqual(known, record)) return;
      throw releaseConflict(record);
    }
    const ofOthers = this.#records.filter(({ environment }) => environment !== record.environment);
    const own = [...this.#of(record.environment), record];
    const kept = releasesToKeep(own, keptOf(this.#kept, record.environment));
    this.#records = [...ofOthers, ...own.filter(({ id }) => kept.has(id))];
  }

  list(
    {
      environment,
      limit = keptOf(this.#kept, environment),
    }: { readonly environment: string; readonly limit?: number | undefined },
    options?: Cancellable,
  ): Promise<readonly ReleaseRecord[]> {
    return this.#answer(environment, options, () =>
      [...this.#of(environment)].sort(newestReleaseFirst).slice(0, limit),
    );
  }

  get(
    { environment, id }: { readonly environment: string; readonly id: string },
    options?: Cancellable,
  ): Promise<ReleaseRecord | undefined> {
    return this.#answer(environment, options, () => this.#of(environment).find((record) => record.id === id));
  }

  environments(options?: Cancellable): Promise<readonly string[]> {
    return this.#answer(undefined, options, () =>
      [...new Set(this.#records.map(({ environment }) => environment))].sort(),
    );
  }

  #of(environment: string): readonly ReleaseRecord[] {
    return this.#records.filter((record) => record.environment === environment);
  }

  async #answer<T>(
    environment: string | undefined,
    options: Cancellable | undefined,
    work: () => T | Promise<T>,
  ): Promise<T> {
    options?.signal?.throwIfAborted();
    if (environment !== undefined) checkEnvironment(environment);
    return await work();
  }
}
