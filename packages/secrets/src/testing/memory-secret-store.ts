import { Redacted } from '@maestro/core';

import { conflict, missing, pendingDeletion } from '../errors.ts';
import type {
  CreateSecretOptions,
  ManagedSecretStore,
  MoveStageOptions,
  PutSecretOptions,
  SecretDescription,
  StoreCallOptions,
  WrittenSecret,
} from '../ports/managed-secret-store.ts';
import type {
  FetchedSecrets,
  FetchSecretsOptions,
  SecretFailure,
  SecretFailureReason,
  SecretPin,
  SecretStage,
  StoredSecret,
} from '../ports/secret-store.ts';

interface Kept {
  readonly versions: Map<string, StoredSecret>;
  readonly stages: Map<SecretStage, string>;
  readonly kmsKey: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  deletedAt: string | undefined;
}

/** A store in memory that keeps every version, as a cloud's store does: `v1`, `v2` … of each secret. */
export class MemorySecretStore implements ManagedSecretStore {
  readonly name = 'memory';
  /** What was asked for, a batch an entry. */
  readonly batches: (readonly string[])[] = [];
  readonly #secrets = new Map<string, Kept>();
  readonly #failing = new Map<string, SecretFailureReason>();

  constructor(secrets: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(secrets)) this.set(name, value);
  }

  /** Adds a version and makes it the current one, whether or not the secret was there; returns the version. */
  set(name: string, value: string): string {
    const kept = this.#secrets.get(name) ?? this.#add(name, {});
    const version = this.#version(name, new Redacted(value), undefined);
    makeCurrent(kept, version);
    return version;
  }

  /** Marks a secret for deletion, at the start of 2026. */
  delete(name: string): void {
    this.#kept(name).deletedAt = '2026-01-01T00:00:00.000Z';
  }

  /** Makes every later fetch of this secret fail. */
  fail(name: string, reason: SecretFailureReason): void {
    this.#failing.set(name, reason);
  }

  /** Ends what `fail` began. */
  heal(name: string): void {
    this.#failing.delete(name);
  }

  fetch(names: readonly string[], { signal, pins }: FetchSecretsOptions = {}): Promise<FetchedSecrets> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.batches.push(names);
    const found = new Map<string, StoredSecret>();
    const failed = new Map<string, SecretFailure>();
    for (const name of names) {
      const answer = this.#find(name, pins?.get(name));
      if (typeof answer === 'string') failed.set(name, { reason: answer });
      else found.set(name, answer);
    }
    return Promise.resolve({ found, failed });
  }

  async list({ signal }: StoreCallOptions = {}): Promise<readonly SecretDescription[]> {
    signal?.throwIfAborted();
    const names = [...this.#secrets.keys()].sort();
    return Promise.resolve(names.flatMap((name) => this.#described(name) ?? []));
  }

  async describe(name: string, { signal }: StoreCallOptions = {}): Promise<SecretDescription | undefined> {
    signal?.throwIfAborted();
    return Promise.resolve(this.#described(name));
  }

  async create(name: string, value: Redacted, options: CreateSecretOptions = {}): Promise<WrittenSecret> {
    options.signal?.throwIfAborted();
    const there = this.#secrets.get(name);
    if (there?.deletedAt !== undefined) throw pendingDeletion(this.name, name, 'restore it');
    if (there !== undefined && there.versions.get(options.token ?? '')?.value.reveal() !== value.reveal()) {
      throw conflict(this.name, name, 'there is one already');
    }
    const kept = there ?? this.#add(name, options);
    const version = this.#version(name, value, options.token);
    if (there === undefined) makeCurrent(kept, version);
    return Promise.resolve({ version });
  }

  async put(name: string, value: Redacted, options: PutSecretOptions = {}): Promise<WrittenSecret> {
    options.signal?.throwIfAborted();
    const kept = this.#usable(name);
    const { token, stage = 'current', replacing } = options;
    const at = kept.stages.get(stage);
    const isConditional = stage === 'pending' || replacing !== undefined;
    if (isConditional && replacing !== at && (at === undefined || token !== at)) {
      throw conflict(this.name, name, `expected version ${replacing ?? 'none'} to be ${stage}, it is ${at ?? 'none'}`);
    }
    const isNew = token === undefined || !kept.versions.has(token);
    const version = this.#version(name, value, token);
    if (isNew) moveTo(kept, stage, version);
    return Promise.resolve({ version });
  }

  async moveStage(name: string, { stage, from, to, signal }: MoveStageOptions): Promise<void> {
    signal?.throwIfAborted();
    const kept = this.#usable(name);
    const at = kept.stages.get(stage);
    if (at !== to || to === undefined) {
      if (at !== from)
        throw conflict(this.name, name, `expected ${stage} at ${from ?? 'none'}, it is at ${at ?? 'none'}`);
      if (to !== undefined && !kept.versions.has(to)) throw conflict(this.name, name, `it has no version ${to}`);
      moveTo(kept, stage, to);
    }
    return Promise.resolve();
  }

  async restore(name: string, { signal }: StoreCallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#kept(name).deletedAt = undefined;
    return Promise.resolve();
  }

  #find(name: string, pin: SecretPin | undefined): StoredSecret | SecretFailureReason {
    const reason = this.#failing.get(name);
    if (reason !== undefined) return reason;
    const kept = this.#secrets.get(name);
    if (kept === undefined) return 'missing';
    if (kept.deletedAt !== undefined) return 'pending-deletion';
    const version = pin?.version ?? kept.stages.get(pin?.stage ?? 'current');
    return kept.versions.get(version ?? '') ?? 'version-gone';
  }

  #described(name: string): SecretDescription | undefined {
    const kept = this.#secrets.get(name);
    if (kept === undefined) return undefined;
    const { stages, deletedAt, kmsKey, tags } = kept;
    return { name, stages: Object.fromEntries(stages), deletedAt, kmsKey, tags };
  }

  #add(name: string, { kmsKey, tags = {} }: CreateSecretOptions): Kept {
    const kept: Kept = { versions: new Map(), stages: new Map(), kmsKey, tags, deletedAt: undefined };
    this.#secrets.set(name, kept);
    return kept;
  }

  #kept(name: string): Kept {
    const kept = this.#secrets.get(name);
    if (kept === undefined) throw missing(this.name, name);
    return kept;
  }

  #usable(name: string): Kept {
    const kept = this.#kept(name);
    if (kept.deletedAt !== undefined) throw pendingDeletion(this.name, name, 'restore it');
    return kept;
  }

  /** The version that a token already made, or a new one. */
  #version(name: string, value: Redacted, token: string | undefined): string {
    const kept = this.#kept(name);
    const version = token ?? `v${kept.versions.size + 1}`;
    const there = kept.versions.get(version);
    if (there !== undefined && there.value.reveal() !== value.reveal()) {
      throw conflict(this.name, name, `another value was written with the token ${version}`);
    }
    if (there === undefined) kept.versions.set(version, { value, version, encoding: 'text' });
    return version;
  }
}

function moveTo(kept: Kept, stage: SecretStage, version: string | undefined): void {
  if (version === undefined) kept.stages.delete(stage);
  else if (stage === 'current') makeCurrent(kept, version);
  else kept.stages.set(stage, version);
}

function makeCurrent({ stages }: Kept, version: string): void {
  const before = stages.get('current');
  stages.set('current', version);
  if (before !== undefined) stages.set('previous', before);
}
