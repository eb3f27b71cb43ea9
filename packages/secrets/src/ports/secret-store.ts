import type { Redacted } from '@maestro/core';

/** A secret as the store has it now, or had it at the version asked for. */
export interface StoredSecret {
  /** Text as it is stored, or bytes in base64. */
  readonly value: Redacted;
  /** Tells one value of this secret from another and reveals nothing about either. */
  readonly version: string;
  /** What `value` is: `base64` for a secret that is stored as bytes, which no text could hold. */
  readonly encoding: 'text' | 'base64';
}

/**
 * The versions of a secret that a store has names for: the one that readers get, the one before it, and the one that a
 * rotation has made and not yet put to use.
 */
export type SecretStage = 'current' | 'previous' | 'pending';

/** Which version of a secret is wanted; the current one where none is named. */
export type SecretPin =
  | { readonly version: string; readonly stage?: undefined }
  | { readonly stage: SecretStage; readonly version?: undefined };

/** Why a store did not give a secret; `unavailable` is the only one that waiting may cure. */
export type SecretFailureReason =
  'missing' | 'pending-deletion' | 'version-gone' | 'denied' | 'undecryptable' | 'unavailable';

export interface SecretFailure {
  readonly reason: SecretFailureReason;
  /** What to do about it in this store, as a command where there is one. */
  readonly hint?: string | undefined;
  /** What the store said, where that helps; never with a value. */
  readonly said?: string | undefined;
}

/** The answer for a batch: every name asked for is in exactly one of the two. */
export interface FetchedSecrets {
  readonly found: ReadonlyMap<string, StoredSecret>;
  readonly failed: ReadonlyMap<string, SecretFailure>;
}

export interface FetchSecretsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Versions or stages wanted, by name; the current version of every other name. */
  readonly pins?: ReadonlyMap<string, SecretPin> | undefined;
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
