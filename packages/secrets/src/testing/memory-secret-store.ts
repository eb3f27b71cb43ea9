import { Redacted } from '@maestro/core';

import type {
  FetchedSecrets,
  FetchSecretsOptions,
  SecretFailure,
  SecretFailureReason,
  SecretStore,
  StoredSecret,
} from '../ports/secret-store.ts';

/** A store in memory that keeps every version, as a cloud's store does: `v1`, `v2` … of each secret. */
export class MemorySecretStore implements SecretStore {
  readonly name = 'memory';
  /** What was asked for, a batch an entry. */
  readonly batches: (readonly string[])[] = [];
  readonly #versions = new Map<string, readonly StoredSecret[]>();
  readonly #failing = new Map<string, SecretFailureReason>();

  constructor(secrets: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(secrets)) this.put(name, value);
  }

  /** Adds a version and makes it the current one. */
  put(name: string, value: string): void {
    const earlier = this.#versions.get(name) ?? [];
    const added = { value: new Redacted(value), version: `v${earlier.length + 1}` };
    this.#versions.set(name, [...earlier, added]);
  }

  /** Makes every later fetch of this secret fail. */
  fail(name: string, reason: SecretFailureReason): void {
    this.#failing.set(name, reason);
  }

  fetch(names: readonly string[], { signal, versions = {} }: FetchSecretsOptions = {}): Promise<FetchedSecrets> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.batches.push(names);
    const found = new Map<string, StoredSecret>();
    const failed = new Map<string, SecretFailure>();
    for (const name of names) {
      const answer = this.#find(name, versions[name]);
      if (typeof answer === 'string') failed.set(name, { reason: answer });
      else found.set(name, answer);
    }
    return Promise.resolve({ found, failed });
  }

  #find(name: string, version: string | undefined): StoredSecret | SecretFailureReason {
    const reason = this.#failing.get(name);
    if (reason !== undefined) return reason;
    const kept = this.#versions.get(name);
    if (kept === undefined) return 'missing';
    const secret = version === undefined ? kept.at(-1) : kept.find((other) => other.version === version);
    return secret ?? 'version-gone';
  }
}
