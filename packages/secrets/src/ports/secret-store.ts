import type { Redacted } from '@maestro/core';

/** A secret as the store has it now, or had it at the version asked for. */
export interface StoredSecret {
  readonly value: Redacted;
  /** Tells one value of this secret from another and reveals nothing about either. */
  readonly version: string;
}

/** Why a store did not give a secret; `unavailable` is the only one that waiting may cure. */
export type SecretFailureReason = 'missing' | 'denied' | 'unavailable' | 'version-gone';

export interface SecretFailure {
  readonly reason: SecretFailureReason;
  /** What to do about it in this store, as a command where there is one. */
  readonly hint?: string | undefined;
}

/** The answer for a batch: every name asked for is in exactly one of the two. */
export interface FetchedSecrets {
  readonly found: ReadonlyMap<string, StoredSecret>;
  readonly failed: ReadonlyMap<string, SecretFailure>;
}

export interface FetchSecretsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Versions wanted, by name; the current one of every other name. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
}

/** Where secrets are kept: a .env file, a cloud's secret store. */
export interface SecretStore {
  /** The place as operators know it: a path, a region. */
  readonly name: string;
  /**
   * Fetches a batch as it is at this moment, never from a cache. One secret's trouble is reported in `failed` and does
   * not keep the others back; it rejects only when the store as a whole cannot be read.
   */
  fetch(names: readonly string[], options?: FetchSecretsOptions): Promise<FetchedSecrets>;
}
