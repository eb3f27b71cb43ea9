import { type Clock, type Logger, Redacted, silentLogger, systemClock } from '@maestro/core';

import { invalidSecrets, notAvailable } from './errors.ts';
import { type FetchedNeeds, fetchNeeds } from './fetch-needs.ts';
import { needFailure, needsOf, type PinFor, pinnedKey, type Want } from './plan/needs.ts';
import { expand } from './plan/references.ts';
import { parseSecretId } from './plan/secret-id.ts';
import type { SecretPin, SecretStore, StoredSecret } from './ports/secret-store.ts';
import { type Schema, validated } from './reading/schema.ts';
import { SecretCache } from './reading/secret-cache.ts';

export interface OpenSecretsOptions {
  readonly store: SecretStore;
  /** How old a value may be that is given out; see {@link CacheOptions}. */
  readonly cache?: CacheOptions | undefined;
  /** Time for one fetch; 30 000 by default. */
  readonly deadlineMs?: number | undefined;
  /** Told when a value could not be refreshed. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

export interface CacheOptions {
  /** For so long a value is given out without asking; 60 000 by default. With 0 for both each read asks. */
  readonly ttlMs?: number | undefined;
  /**
   * For so long after that it is still given out, while it is fetched anew and while the store is away; 30 000 by
   * default.
   */
  readonly staleMs?: number | undefined;
}

export type GetSecretOptions = { readonly signal?: AbortSignal | undefined } & (
  SecretPin | { readonly version?: undefined; readonly stage?: undefined }
);

export interface ReadSecretsOptions<Output> {
  readonly schema: Schema<Output>;
  /** The id of a JSON document, or ids by field: then the schema is given an object of strings. */
  readonly from: string | Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Secrets for a program that reads them while it runs. An id is `name` or `name#key`, one key of a JSON object. What
 * fails throws `SECRETS_MISSING`, `SECRETS_PENDING_DELETION`, `SECRETS_VERSION_GONE`, `SECRETS_DENIED`,
 * `SECRETS_UNAVAILABLE`, `SECRETS_BAD_REFERENCE`, or what the store throws; for a second it is thrown again unasked.
 */
export interface Secrets {
  /** One secret in its current version or the one that is named; bytes in base64. */
  get(id: string, options?: GetSecretOptions): Promise<Redacted>;
  /** Several secrets in one batch, typed by a schema; throws `SECRETS_INVALID` with the place of every problem. */
  read<Output>(options: ReadSecretsOptions<Output>): Promise<Redacted<Output>>;
  /** Forgets a secret by name, or all: the next read asks the store. */
  invalidate(name?: string): void;
}

/** A value as it was given, and the secrets that it was made of. */
interface Given {
  readonly value: Redacted;
  readonly madeOf: readonly (readonly [name: string, pin: SecretPin | undefined, secret: StoredSecret])[];
}

const noPin: PinFor = () => undefined;
const mostGiven = 1000;

/** Opens a store for reading; the cache is in this process's memory and goes with it. */
export function openSecrets(options: OpenSecretsOptions): Secrets {
  return new CachedSecrets(options);
}

class CachedSecrets implements Secrets {
  readonly #cache: SecretCache;
  readonly #given = new Map<string, Given>();

  constructor({
    store,
    cache = {},
    deadlineMs = 30_000,
    logger = silentLogger,
    clock = systemClock,
  }: OpenSecretsOptions) {
    const { ttlMs = 60_000, staleMs = 30_000 } = cache;
    this.#cache = new SecretCache({ store, ttlMs, staleMs, deadlineMs, clock, logger });
  }

  async get(id: string, options: GetSecretOptions = {}): Promise<Redacted> {
    const pin = pinIn(options);
    const key = pinnedKey(id, pin);
    const given = this.#given.get(key);
    if (given !== undefined && this.#isStillSo(given)) return given.value;

    const { name } = parseSecretId(id);
    const pinFor: PinFor = pin === undefined ? noPin : (_, other) => (other === name ? pin : undefined);
    const fetched = await this.#fetch([{ id }], pinFor, options.signal);
    const [value = new Redacted('')] = this.#expanded([id], fetched).values();
    const madeOf = needsOf(fetched.wants, pinFor).flatMap(({ name, pin }) => {
      const secret = fetched.find(undefined, name);
      return secret === undefined ? [] : [[name, pin, secret] as const];
    });
    this.#give(key, { value, madeOf });
    return value;
  }

  async read<Output>({ schema, from, signal }: ReadSecretsOptions<Output>): Promise<Redacted<Output>> {
    const ids = typeof from === 'string' ? [from] : Object.values(from);
    const values = this.#expanded(
      ids,
      await this.#fetch(
        ids.map((id) => ({ id })),
        noPin,
        signal,
      ),
    );
    const textOf = (id: string) => values.get(id)?.reveal() ?? '';
    if (typeof from === 'string') {
      const value = document(from, textOf(from));
      return new Redacted(await validated({ schema, value, place: (path) => placeIn(from, path) }));
    }
    const value = Object.fromEntries(Object.entries(from).map(([field, id]) => [field, textOf(id)]));
    const place = ([field = '', ...path]: readonly string[]) => placeIn(sourceOf(field, from), path);
    return new Redacted(await validated({ schema, value, place }));
  }

  invalidate(name?: string): void {
    this.#cache.invalidate(name);
    this.#given.clear();
  }

  #fetch(wants: readonly Want[], pinFor: PinFor, signal: AbortSignal | undefined): Promise<FetchedNeeds> {
    return fetchNeeds({ store: this.#cache, wants, pinFor, signal });
  }

  #expanded(ids: readonly string[], { find }: FetchedNeeds): ReadonlyMap<string, Redacted> {
    const lookup = (name: string) => find(undefined, name);
    const expansions = [...new Set(ids)].map((id) => [id, expand(id, lookup)] as const);
    const failures = expansions.flatMap(([, { failure }]) => (failure === undefined ? [] : [needFailure(failure)]));
    if (failures.length > 0) throw notAvailable(this.#cache.name, failures);
    return new Map(
      expansions.flatMap(([id, expansion]) =>
        expansion.failure === undefined ? [[id, new Redacted(expansion.text)] as const] : [],
      ),
    );
  }

  /** Looks at all of them, so that each one that is no longer fresh is fetched anew. */
  #isStillSo({ madeOf }: Given): boolean {
    let still = true;
    for (const [name, pin, secret] of madeOf) if (this.#cache.peek(name, pin) !== secret) still = false;
    return still;
  }

  #give(key: string, given: Given): void {
    this.#given.delete(key);
    this.#given.set(key, given);
    const [first] = this.#given.keys();
    if (first !== undefined && this.#given.size > mostGiven) this.#given.delete(first);
  }
}

/** What is current is kept under one key, whether or not it was asked for by that name. */
function pinIn({ version, stage }: GetSecretOptions): SecretPin | undefined {
  if (version !== undefined) return { version };
  return stage === undefined || stage === 'current' ? undefined : { stage };
}

function document(id: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidSecrets([`${id} is no JSON`]);
  }
}

function placeIn(source: string, path: readonly string[]): string {
  return path.length === 0 ? source : `${source} at ${path.join('.')}`;
}

/** `STRIPE_KEY (shop/stripe#key)` */
function sourceOf(field: string, from: Readonly<Record<string, string>>): string {
  const id = Object.hasOwn(from, field) ? from[field] : undefined;
  return id === undefined || id === field ? field : `${field} (${id})`;
}
