import {
  type Clock,
  isMaestroError,
  type Logger,
  messageOf,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';

import { timedOut } from '../errors.ts';
import type { FetchedSecrets, SecretStore } from '../ports/secret-store.ts';

export interface ChangedSecret {
  readonly name: string;
  readonly version: string;
  /** The version before. */
  readonly before: string;
}

export interface WatchSecretsOptions {
  readonly store: SecretStore;
  /** Of the secrets. */
  readonly names: readonly string[];
  /** Versions that are known already, by name; of the other secrets the first look counts as known. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
  /**
   * Told of new versions, never of values. What it returns is waited for before the next look; when it fails it is told
   * again.
   */
  readonly onChange: (changes: readonly ChangedSecret[], options: { readonly signal: AbortSignal }) => unknown;
  /**
   * Between two looks, on average: each pause is random, from half of it to one and a half, so that programs that watch
   * the same secrets act one after the other. 60 000 by default. After failures it doubles, up to eight times as long.
   */
  readonly intervalMs?: number | undefined;
  /** Time for one look; 30 000 by default. */
  readonly deadlineMs?: number | undefined;
  /** Told of looks and calls of `onChange` that failed. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Ends the watch, as disposing of it does. */
  readonly signal?: AbortSignal | undefined;
}

/** A watch that goes on; disposing of it ends it, and waits for what is under way. */
export interface SecretsWatch extends AsyncDisposable {
  /** Resolves when the watch has ended. It never rejects. */
  readonly ended: Promise<void>;
}

const mostDoublings = 3;

/** Looks for new versions of secrets from now on, one look after the other, and tells of them. */
export function watchSecrets(options: WatchSecretsOptions): SecretsWatch {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const ended = new Watch(options, signal).run();
  return {
    ended,
    [Symbol.asyncDispose]() {
      stop.abort(new DOMException('the watch was ended', 'AbortError'));
      return ended;
    },
  };
}

class Watch {
  readonly #options: WatchSecretsOptions;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known: Map<string, string>;

  constructor(options: WatchSecretsOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#known = new Map(Object.entries(options.versions ?? {}));
  }

  async run(): Promise<void> {
    const { intervalMs = 60_000 } = this.#options;
    let failures = 0;
    while (!this.#signal.aborted) {
      failures = (await this.#isLookedAt()) ? 0 : failures + 1;
      const pauseMs = intervalMs * 2 ** Math.min(failures, mostDoublings) * (0.5 + Math.random());
      await this.#clock.sleep(pauseMs, this.#signal).catch(() => undefined);
    }
  }

  /** Whether all of the secrets could be looked at, and the consumer has done what it does. */
  async #isLookedAt(): Promise<boolean> {
    try {
      const { found, failed } = await this.#fetched();
      if (failed.size > 0) {
        const reasons = [...failed].map(([name, { reason }]) => `${name}: ${reason}`);
        this.#logger.warn('secrets could not be looked at', { store: this.#options.store.name, failed: reasons });
      }
      await this.#tell(this.#changesIn(found));
      return failed.size === 0;
    } catch (error) {
      if (this.#signal.aborted) return false;
      const code = isMaestroError(error) ? error.code : messageOf(error);
      this.#logger.warn('a look at secrets failed, or what was done on it', {
        store: this.#options.store.name,
        error: code,
      });
      return false;
    }
  }

  #fetched(): Promise<FetchedSecrets> {
    const { store, names, deadlineMs = 30_000 } = this.#options;
    return withDeadline((signal) => store.fetch(names, { signal }), {
      deadlineMs,
      clock: this.#clock,
      signal: this.#signal,
      onExpired: () => timedOut(store.name, deadlineMs, names),
    });
  }

  /** What is seen for the first time is known from then on. */
  #changesIn(found: FetchedSecrets['found']): readonly ChangedSecret[] {
    return [...found].flatMap(([name, { version }]) => {
      const before = this.#known.get(name);
      if (before === undefined) this.#known.set(name, version);
      return before === undefined || before === version ? [] : [{ name, version, before }];
    });
  }

  async #tell(changes: readonly ChangedSecret[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#options.onChange(changes, { signal: this.#signal });
    for (const { name, version } of changes) this.#known.set(name, version);
  }
}
