import type { Redacted } from '@maestro/core';

import type { SecretStage, SecretStore } from './secret-store.ts';

/** What a store tells of a secret without its value. */
export interface SecretDescription {
  readonly name: string;
  /** Which version is at which stage. */
  readonly stages: Readonly<Partial<Record<SecretStage, string>>>;
  /** ISO 8601 in UTC: since when it waits for its deletion and is not given out. */
  readonly deletedAt?: string | undefined;
  /** The key that it is encrypted with; undefined for the store's own. */
  readonly kmsKey?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface WriteSecretOptions extends StoreCallOptions {
  /**
   * Makes repeating safe, and becomes the version where the store lets it: 32 to 64 of `A-Z a-z 0-9 -`, such as a UUID.
   * Never derived from the value, as versions are shown. A new one by default.
   */
  readonly token?: string | undefined;
}

export interface CreateSecretOptions extends WriteSecretOptions {
  readonly kmsKey?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface PutSecretOptions extends WriteSecretOptions {
  /** Where the new value goes: to its readers, or aside, for a rotation to test. `current` by default. */
  readonly stage?: 'current' | 'pending' | undefined;
  /**
   * The version that has the stage now. Where none is given the current one is replaced whichever it is, and a pending one
   * not at all: of two rotations one must know of the other.
   */
  readonly replacing?: string | undefined;
}

export interface MoveStageOptions extends StoreCallOptions {
  readonly stage: SecretStage;
  /** The version that has the stage now; undefined where none has. */
  readonly from: string | undefined;
  /** The version that gets it; undefined to take it off, which `current` cannot be. */
  readonly to: string | undefined;
}

export interface WrittenSecret {
  readonly version: string;
}

/** A store that can be written to. Every write either happened when it resolves, or can be repeated with its token. */
export interface ManagedSecretStore extends SecretStore {
  /** Every secret of the store, in the order of their names; those waiting for deletion too. It may lag behind writes. */
  list(options?: StoreCallOptions): Promise<readonly SecretDescription[]>;
  /** Undefined for a secret that is not there. */
  describe(name: string, options?: StoreCallOptions): Promise<SecretDescription | undefined>;
  /** Throws `SECRETS_CONFLICT` where there is one already, `SECRETS_PENDING_DELETION` where it could be restored. */
  create(name: string, value: Redacted, options?: CreateSecretOptions): Promise<WrittenSecret>;
  /** Adds a version. Throws `SECRETS_CONFLICT` when another one than `replacing` has the stage; then no stage has moved. */
  put(name: string, value: Redacted, options?: PutSecretOptions): Promise<WrittenSecret>;
  /**
   * Moves a stage from one version to another, if it still is where the caller saw it, else throws `SECRETS_CONFLICT`.
   * With `current` goes `previous`: to the version that was current.
   */
  moveStage(name: string, options: MoveStageOptions): Promise<void>;
  /** Takes a deletion back. */
  restore(name: string, options?: StoreCallOptions): Promise<void>;
}

/** A store that can tell what it holds, written to or not. */
export type ListableStore = Pick<ManagedSecretStore, 'fetch' | 'list' | 'name'>;
