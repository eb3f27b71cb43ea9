import { type Clock, type Logger, messageOf, withDeadline } from '@maestro/core';

import { timedOut } from '../errors.ts';
import { batchesOf, pinnedKey } from '../plan/needs.ts';
import type {
  FetchedSecrets,
  FetchSecretsOptions,
  SecretFailure,
  SecretPin,
  SecretStore,
  StoredSecret,
} from '../ports/secret-store.ts';
import { untilAborted } from './until-aborted.ts';

export interface SecretCacheOptions {
  readonly store: SecretStore;
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Monotonic times. */
interface Entry {
  readonly secret: StoredSecret;
  readonly freshUntil: number;
  readonly usableUntil: number;
}

type Outcome = { readonly secret: StoredSecret } | { readonly failure: SecretFailure };

/** One fetch that all share who want the secret meanwhile, and, when it failed, for a moment afterwards. */
interface Flight {
  readonly outcome: Promise<Outcome>;
  sharedUntil: number;
}

/** What a flight of its own waits for: the next batch. */
interface Boarding {
  readonly name: string;
  readonly pin: SecretPin | undefined;
  readonly land: (answer: Promise<FetchedSecrets>) => void;
}

const failureMs = 1000;
/** So that a program that reads ever more secrets does not grow for ever; the ones fetched first go. */
const mostEntries = 1000;

/**
 * A store before a store, in memory only. What is read at the same time is one fetch: the same secret once, different
 * ones in one batch. A version never changes, so it does not expire here.
 */
export class SecretCache implements SecretStore {
  readonly #options: SecretCacheOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();
  #boarding: Boarding[] = [];

  constructor(options: SecretCacheOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.store.name;
  }

  async fetch(names: readonly string[], { signal, pins }: FetchSecretsOptions = {}): Promise<FetchedSecrets> {
    const found = new Map<string, StoredSecret>();
    const failed = new Map<string, SecretFailure>();
    const outcomes = names.map(async (name) => {
      const outcome = await untilAborted(this.#read(name, pins?.get(name)), signal);
      if ('failure' in outcome) failed.set(name, outcome.failure);
      else found.set(name, outcome.secret);
    });
    await Promise.all(outcomes);
    return { found, failed };
  }

  /** What is kept of a secret and may still be given out; one that is no longer fresh is fetched anew meanwhile. */
  peek(name: string, pin: SecretPin | undefined): StoredSecret | undefined {
    const key = pinnedKey(name, pin);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#options.clock.monotonic();
    if (now < entry.freshUntil) return entry.secret;
    if (now >= entry.usableUntil) return undefined;
    this.#refresh(key, name, pin);
    return entry.secret;
  }

  /** Forgets a secret, or everything; also what is being fetched at this moment. */
  invalidate(name?: string): void {
    for (const kept of [this.#entries, this.#flights]) {
      for (const key of [...kept.keys()]) if (name === undefined || key.startsWith(`${name}\0`)) kept.delete(key);
    }
  }

  #read(name: string, pin: SecretPin | undefined): Promise<Outcome> {
    const secret = this.peek(name, pin);
    if (secret !== undefined) return Promise.resolve({ secret });
    return this.#flight(pinnedKey(name, pin), name, pin).outcome;
  }

  #refresh(key: string, name: string, pin: SecretPin | undefined): void {
    const { store, logger } = this.#options;
    if (this.#running(key) !== undefined) return;
    this.#flight(key, name, pin).outcome.then(
      (outcome) => {
        if (!('failure' in outcome)) return;
        logger.warn('a secret could not be refreshed', { store: store.name, name, reason: outcome.failure.reason });
      },
      (error: unknown) => {
        logger.warn('a secret could not be refreshed', { store: store.name, name, reason: messageOf(error) });
      },
    );
  }

  #running(key: string): Flight | undefined {
    const flight = this.#flights.get(key);
    return flight !== undefined && this.#options.clock.monotonic() < flight.sharedUntil ? flight : undefined;
  }

  #flight(key: string, name: string, pin: SecretPin | undefined): Flight {
    const running = this.#running(key);
    if (running !== undefined) return running;
    const { clock } = this.#options;
    const start = clock.monotonic();
    const flight: Flight = {
      outcome: this.#board(name, pin).then(({ found, failed }) => {
        const secret = found.get(name);
        return secret === undefined ? { failure: failed.get(name) ?? { reason: 'missing' } } : { secret };
      }),
      sharedUntil: Infinity,
    };
    this.#flights.set(key, flight);
    const settle = (outcome: Outcome | undefined) => {
      // Another flight has taken its place when the secret was invalidated meanwhile.
      if (this.#flights.get(key) === flight) this.#keep({ key, pin, flight, start, outcome });
    };
    flight.outcome.then(settle, () => {
      settle(undefined);
    });
    return flight;
  }

  /** @param outcome - undefined where the store as a whole could not be read */
  #keep(landed: {
    readonly key: string;
    readonly pin: SecretPin | undefined;
    readonly flight: Flight;
    readonly start: number;
    readonly outcome: Outcome | undefined;
  }): void {
    const { key, pin, flight, start, outcome } = landed;
    const { clock, ttlMs, staleMs } = this.#options;
    if (outcome === undefined || 'failure' in outcome) {
      flight.sharedUntil = clock.monotonic() + failureMs;
      // Whoever took the secret or the permission away meant it; only a store that is away is bridged.
      if (outcome !== undefined && outcome.failure.reason !== 'unavailable') this.#entries.delete(key);
      return;
    }
    this.#flights.delete(key);
    this.#entries.delete(key);
    // Its age counts from before it was asked for.
    const freshUntil = pin?.version === undefined ? start + ttlMs : Infinity;
    this.#entries.set(key, { secret: outcome.secret, freshUntil, usableUntil: freshUntil + staleMs });
    const [first] = this.#entries.keys();
    if (first !== undefined && this.#entries.size > mostEntries) this.#entries.delete(first);
  }

  /** The answer of the batch that leaves once everybody who asks now has asked. */
  #board(name: string, pin: SecretPin | undefined): Promise<FetchedSecrets> {
    if (this.#boarding.length === 0) {
      queueMicrotask(() => {
        const leaving = this.#boarding;
        this.#boarding = [];
        for (const batch of batchesOf(leaving)) {
          const answer = this.#ask(batch);
          for (const { land } of batch) land(answer);
        }
      });
    }
    return new Promise((land) => {
      this.#boarding.push({ name, pin, land });
    });
  }

  #ask(batch: readonly Boarding[]): Promise<FetchedSecrets> {
    const { store, deadlineMs, clock } = this.#options;
    const names = batch.map(({ name }) => name);
    const pins = new Map(batch.flatMap(({ name, pin }) => (pin === undefined ? [] : [[name, pin]])));
    return withDeadline((signal) => store.fetch(names, { signal, pins }), {
      deadlineMs,
      clock,
      onExpired: () => timedOut(store.name, deadlineMs, names),
    });
  }
}
