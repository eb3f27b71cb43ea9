import type { Clock } from '@maestro/core';

export interface Fetched<T> {
  readonly value: T;
  /** How long it may be used from when it was asked for. */
  readonly usableMs: number;
}

/** Tokens by what they are for: each is fetched once for all who want it, and again when it is old or was refused. */
export class TokenCache<T> {
  readonly #clock: Clock;
  readonly #held = new Map<string, { readonly value: T; readonly usableUntilMs: number }>();
  readonly #fetching = new Map<string, Promise<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `refused` is what this gave out and somebody did not accept just now. */
  async get(key: string, fetch: () => Promise<Fetched<T>>, refused?: T): Promise<T> {
    const held = this.#held.get(key);
    const accepted = refused === undefined || held?.value !== refused;
    if (held !== undefined && accepted && this.#clock.monotonic() < held.usableUntilMs) return held.value;
    const fetching = this.#fetching.get(key) ?? this.#fetch(key, fetch);
    this.#fetching.set(key, fetching);
    return fetching;
  }

  async #fetch(key: string, fetch: () => Promise<Fetched<T>>): Promise<T> {
    const askedAtMs = this.#clock.monotonic();
    try {
      const { value, usableMs } = await fetch();
      this.#held.set(key, { value, usableUntilMs: askedAtMs + usableMs });
      return value;
    } finally {
      this.#fetching.delete(key);
    }
  }
}
