import { notAvailable } from './errors.ts';
import { batchesOf, type Need, type NeedFailure, needsOf, type PinFor, pinnedKey, type Want } from './plan/needs.ts';
import { deepest, referencesIn } from './plan/references.ts';
import { parseSecretId, textOf } from './plan/secret-id.ts';
import type { SecretStore, StoredSecret } from './ports/secret-store.ts';

export interface FetchNeedsOptions {
  readonly store: SecretStore;
  readonly wants: readonly Want[];
  readonly pinFor: PinFor;
  readonly signal?: AbortSignal | undefined;
}

/** What is wanted and what that refers to, all there. */
export interface FetchedNeeds {
  /** With what is referred to. */
  readonly wants: readonly Want[];
  readonly find: (service: string | undefined, name: string) => StoredSecret | undefined;
}

/** Fetches in rounds, each a batch: first what is wanted, then what the secrets of the round before refer to. */
export async function fetchNeeds({ store, wants, pinFor, signal }: FetchNeedsOptions): Promise<FetchedNeeds> {
  const fetched = new Map<string, StoredSecret>();
  const find: FetchedNeeds['find'] = (service, name) => fetched.get(pinnedKey(name, pinFor(service, name)));
  const known = new Map(wants.map((want) => [wantKey(want), want]));
  let open: readonly Want[] = wants;
  for (let round = 0; round <= deepest && open.length > 0; round += 1) {
    const needs = needsOf(open, pinFor).filter(({ name, pin }) => !fetched.has(pinnedKey(name, pin)));
    const answers = await Promise.all(batchesOf(needs).map((batch) => fetchBatch(store, batch, signal)));
    const failures = answers.flatMap(({ failures }) => failures);
    if (failures.length > 0) throw notAvailable(store.name, failures);
    for (const [{ name, pin }, secret] of answers.flatMap(({ found }) => found))
      fetched.set(pinnedKey(name, pin), secret);
    open = open.flatMap((want) => referredBy(want, find)).filter((want) => !known.has(wantKey(want)));
    for (const want of open) known.set(wantKey(want), want);
  }
  return { wants: [...known.values()], find };
}

function referredBy({ service, id }: Want, find: FetchedNeeds['find']): readonly Want[] {
  const { name, key } = parseSecretId(id);
  const secret = find(service, name);
  const text = secret === undefined ? undefined : textOf(secret, key);
  return referencesIn(text ?? '').map((reference) => ({ service, id: reference, through: id }));
}

async function fetchBatch(store: SecretStore, batch: readonly Need[], signal: AbortSignal | undefined) {
  const pins = new Map(batch.flatMap(({ name, pin }) => (pin === undefined ? [] : [[name, pin]])));
  const { found: given, failed } = await store.fetch(
    batch.map(({ name }) => name),
    { signal, pins },
  );
  const found: [Need, StoredSecret][] = [];
  const failures: NeedFailure[] = [];
  for (const need of batch) {
    const secret = given.get(need.name);
    // A store that gives another version, or no answer for a name, must not let a release pass.
    if (secret === undefined) failures.push({ need, ...(failed.get(need.name) ?? { reason: 'missing' }) });
    else if (secret.version !== (need.pin?.version ?? secret.version)) failures.push({ need, reason: 'version-gone' });
    else if (secret.value.reveal() === '') failures.push({ need, reason: 'empty' });
    else found.push([need, secret]);
  }
  return { found, failures };
}

function wantKey({ service, id }: Want): string {
  return JSON.stringify([service, id]);
}
