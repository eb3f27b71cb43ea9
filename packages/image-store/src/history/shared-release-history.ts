import {
  type Clock,
  isMaestroError,
  type Logger,
  messageOf,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';

import { ImageStoreError, type ImageStoreErrorCode } from '../errors.ts';
import type { Cancellable } from '../ports/image-store.ts';
import type { ReleaseHistory, ReleaseRecord } from '../ports/release-history.ts';
import { type KeptReleases, keptOf, releasesToKeep } from './kept-releases.ts';
import { mergeReleases } from './merge-releases.ts';

export interface SharedReleaseHistoryOptions {
  /** What all deploying machines have in common: `openOciReleaseHistory`. */
  readonly shared: ReleaseHistory;
  /** This machine's copy, which answers when the other cannot: `openFileReleaseHistory`. */
  readonly local: ReleaseHistory;
  /** How many releases are remembered in environments that want more than 10; both sides must be told, too. */
  readonly kept?: KeptReleases | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** A rollback must not wait for a repository that is down. */
const answerMs = 15_000;
/** Whatever keeps a machine from the repository: an expired login must not stop a rollback either. */
const outOfReach: readonly string[] = [
  'IMAGE_STORE_CREDENTIALS',
  'IMAGE_STORE_DENIED',
  'IMAGE_STORE_PUSH_FAILED',
  'IMAGE_STORE_UNAUTHORIZED',
  'IMAGE_STORE_UNEXPECTED_ANSWER',
  'IMAGE_STORE_UNREACHABLE',
] satisfies readonly ImageStoreErrorCode[];
const everything = Number.MAX_SAFE_INTEGER;

/**
 * A history that several machines share and that goes on while they cannot reach it. A release is recorded on this
 * machine first; what either side lacks is added to it at the next `record` or `list`. While the shared history does not
 * answer within 15 seconds, the local copy does, with a warning to the logger. Records of one release that contradict
 * one another are reported to the logger too, and every machine goes on with the same one.
 */
export function openSharedReleaseHistory(options: SharedReleaseHistoryOptions): ReleaseHistory {
  const { clock = systemClock, logger = silentLogger } = options;
  return new SharedReleaseHistory({ ...options, clock, logger });
}

interface Opened extends SharedReleaseHistoryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

class SharedReleaseHistory implements ReleaseHistory {
  readonly #shared: ReleaseHistory;
  readonly #local: ReleaseHistory;
  readonly #kept: KeptReleases | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ shared, local, kept, clock, logger }: Opened) {
    this.#shared = shared;
    this.#local = local;
    this.#kept = kept;
    this.#clock = clock;
    this.#logger = logger;
  }

  async record(release: ReleaseRecord, options: Cancellable = {}): Promise<void> {
    await this.#local.record(release, options);
    const { environment } = release;
    const sent = await this.#whileReachable(async (limited) => {
      await this.#shared.record(release, limited);
      return true;
    }, options);
    if (sent) await this.#merged(environment, options);
  }

  async list(
    {
      environment,
      limit = keptOf(this.#kept, environment),
    }: { readonly environment: string; readonly limit?: number | undefined },
    options: Cancellable = {},
  ): Promise<readonly ReleaseRecord[]> {
    return (await this.#merged(environment, options)).slice(0, limit);
  }

  /** Records never change: where there is a copy, nobody else is asked. */
  async get(
    key: { readonly environment: string; readonly id: string },
    options: Cancellable = {},
  ): Promise<ReleaseRecord | undefined> {
    const copy = await this.#local.get(key, options);
    return copy ?? (await this.#whileReachable((limited) => this.#shared.get(key, limited), options));
  }

  async environments(options: Cancellable = {}): Promise<readonly string[]> {
    const own = await this.#local.environments(options);
    const others = await this.#whileReachable((limited) => this.#shared.environments(limited), options);
    return [...new Set([...own, ...(others ?? [])])].sort();
  }

  /** What must stay of both, the newest first; each side gets what it lacks. */
  async #merged(environment: string, options: Cancellable): Promise<readonly ReleaseRecord[]> {
    const query = { environment, limit: everything };
    const own = await this.#local.list(query, options);
    const theirs = await this.#whileReachable((limited) => this.#shared.list(query, limited), options);
    if (theirs === undefined) return own;
    const { records, conflicts } = mergeReleases(own, theirs);
    for (const [first] of conflicts) {
      this.#logger.error('two records of one release differ', { environment, release: first?.id ?? '' });
    }
    const kept = releasesToKeep(records, keptOf(this.#kept, environment));
    const remembered = records.filter(({ id }) => kept.has(id));
    await this.#send(missingIn(theirs, remembered), this.#shared, options);
    await this.#send(missingIn(own, remembered), this.#local, options);
    return remembered;
  }

  /** The newest first, because what these refer to is forgotten where nothing refers to it yet. */
  async #send(records: readonly ReleaseRecord[], history: ReleaseHistory, options: Cancellable): Promise<void> {
    for (const record of records) {
      try {
        await this.#limited((limited) => history.record(record, limited), options);
      } catch (error) {
        options.signal?.throwIfAborted();
        const { id: release, environment } = record;
        const reason = messageOf(error);
        this.#logger.warn('a release is still missing in one copy of the history', { environment, release, reason });
        if (isOutOfReach(error)) return;
      }
    }
  }

  /** Undefined, and a warning, while the shared history cannot be used; what is wrong with the question is thrown. */
  async #whileReachable<T>(work: (limited: Cancellable) => Promise<T>, options: Cancellable): Promise<T | undefined> {
    try {
      return await this.#limited(work, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isOutOfReach(error)) throw error;
      this.#logger.warn('the shared history cannot be used; this machine goes on with its own copy', {
        reason: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
      return undefined;
    }
  }

  #limited<T>(work: (limited: Cancellable) => Promise<T>, { signal }: Cancellable): Promise<T> {
    return withDeadline((limited) => work({ signal: limited }), {
      deadlineMs: answerMs,
      clock: this.#clock,
      signal,
      onExpired: () =>
        new ImageStoreError('IMAGE_STORE_UNREACHABLE', `the history did not answer within ${answerMs} ms`, {
          hint: 'see whether the image repository can be reached from this machine',
          retryable: true,
        }),
    });
  }
}

function missingIn(history: readonly ReleaseRecord[], wanted: readonly ReleaseRecord[]): readonly ReleaseRecord[] {
  const known = new Set(history.map(({ id }) => id));
  return wanted.filter(({ id }) => !known.has(id));
}

function isOutOfReach(error: unknown): error is ImageStoreError {
  return isMaestroError(error) && outOfReach.includes(error.code);
}
