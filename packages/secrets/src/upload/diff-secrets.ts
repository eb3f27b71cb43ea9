import { type Clock, systemClock, withDeadline } from '@maestro/core';

import { notAvailable, timedOut } from '../errors.ts';
import { referencesIn } from '../plan/references.ts';
import { parseSecretId } from '../plan/secret-id.ts';
import { compareSecrets, type SecretsDiff } from '../plan/secrets-diff.ts';
import type { ListableStore } from '../ports/managed-secret-store.ts';
import type { FetchedSecrets, SecretStore, StoredSecret } from '../ports/secret-store.ts';

export interface DiffSecretsOptions {
  /** Where values would come from: a `.env` file, another environment. */
  readonly from: ListableStore;
  /** Where they would go. */
  readonly to: ListableStore;
  /** Only these, and what their values in `from` refer to; everything on both sides by default. */
  readonly names?: readonly string[] | undefined;
  /**
   * Secrets whose values a rotation makes: where `to` has one of these it is `rotated` and not `changed`, and an upload
   * leaves it. An older login written over it would let nobody in.
   */
  readonly rotated?: readonly string[] | undefined;
  /** Time for all of it; 60 000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Compares what two places hold, and changes nothing. Both sides are read, so the answer says of each name whether its
 * values are the same. Throws what reading throws: a secret that cannot be read on one side is no difference.
 */
export async function diffSecrets(options: DiffSecretsOptions): Promise<SecretsDiff> {
  const { from, to, deadlineMs = 60_000, clock = systemClock } = options;
  return withDeadline((signal) => compared({ ...options, signal }), {
    deadlineMs,
    clock,
    signal: options.signal,
    onExpired: () => timedOut(`${from.name} or ${to.name}`, deadlineMs, options.names ?? ['all secrets']),
  });
}

async function compared({ from, to, names, rotated = [], signal }: DiffSecretsOptions): Promise<SecretsDiff> {
  const held = await namesIn(from, signal);
  const ours = await valuesOf(from, names === undefined ? held : held.filter(isAmong(new Set(names))), signal);
  if (names !== undefined) await addReferences(from, ours, new Set(held), signal);
  const wanted = new Set([...ours.keys(), ...(names ?? (await namesIn(to, signal)))]);
  const { found, pendingDeletion } = await sideOf(to, [...wanted], signal);
  const sides = { names: wanted, from: ours, to: found, pendingDeletion, rotated: new Set(rotated) };
  return { from: from.name, to: to.name, secrets: compareSecrets(sides) };
}

/** Names that are given out; what waits for its deletion is as good as gone unless somebody asks for it. */
async function namesIn(store: ListableStore, signal: AbortSignal | undefined): Promise<readonly string[]> {
  return (await store.list({ signal })).filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => name);
}

/** Without what a value refers to, its readers would get `SECRETS_MISSING`. */
async function addReferences(
  store: SecretStore,
  values: Map<string, StoredSecret>,
  held: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let open = [...values.values()]; open.length > 0;) {
    const named = open.flatMap(({ value }) => referencesIn(value.reveal())).map((id) => parseSecretId(id).name);
    const next = [...new Set(named)].filter((name) => held.has(name) && !values.has(name));
    const added = await valuesOf(store, next, signal);
    for (const [name, secret] of added) values.set(name, secret);
    open = [...added.values()];
  }
}

async function valuesOf(
  store: SecretStore,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, StoredSecret>> {
  if (names.length === 0) return new Map();
  const { found, failed } = await store.fetch(names, { signal });
  throwIfFailed(store.name, failed);
  return new Map(found);
}

async function sideOf(store: SecretStore, names: readonly string[], signal: AbortSignal | undefined) {
  if (names.length === 0) return { found: new Map<string, StoredSecret>(), pendingDeletion: new Set<string>() };
  const { found, failed } = await store.fetch(names, { signal });
  const unread = [...failed].filter(([, { reason }]) => reason !== 'missing' && reason !== 'pending-deletion');
  throwIfFailed(store.name, new Map(unread));
  const pendingDeletion = new Set(
    [...failed].flatMap(([name, { reason }]) => (reason === 'pending-deletion' ? [name] : [])),
  );
  return { found, pendingDeletion };
}

function throwIfFailed(store: string, failed: FetchedSecrets['failed']): void {
  if (failed.size === 0) return;
  const failures = [...failed].map(([name, failure]) => ({ need: { name, services: [], through: [] }, ...failure }));
  throw notAvailable(store, failures);
}

function isAmong(names: ReadonlySet<string>): (name: string) => boolean {
  return (name) => names.has(name);
}
