import type { Clock, Redacted } from '@maestro/core';

export interface FetchedToken {
  /** The value of the header. */
  readonly authorization: Redacted;
  readonly lifetimeMs: number;
}

// A token must also live through the request that carries it.
const usedShare = 0.8;

/** Tokens by scope: each is fetched once for all who want it, and again when it has expired or was refused. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #held = new Map<string, { readonly authorization: Redacted; readonly usableUntilMs: number }>();
  readonly #fetching = new Map<string, Promise<Redacted>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `refused` is the token that the registry did not accept just now. */
  async get(scope: string, fetch: () => Promise<FetchedToken>, refused?: Redacted): Promise<Redacted> {
    const held = this.#held.get(scope);
    const usable = held !== undefined && held.authorization !== refused && this.#clock.monotonic() < held.usableUntilMs;
    if (usable) return held.authorization;
    const fetching = this.#fetching.get(scope) ?? this.#fetch(scope, fetch);
    this.#fetching.set(scope, fetching);
    return fetching;
  }

  async #fetch(scope: string, fetch: () => Promise<FetchedToken>): Promise<Redacted> {
    const askedAtMs = this.#clock.monotonic();
    try {
      const { authorization, lifetimeMs } = await fetch();
      this.#held.set(scope, { authorization, usableUntilMs: askedAtMs + lifetimeMs * usedShare });
      return authorization;
    } finally {
      this.#fetching.delete(scope);
    }
  }
}
