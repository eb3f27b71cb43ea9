import {
  type Clock,
  createEmitter,
  type Logger,
  type Observer,
  type Redacted,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';

import { notPrepared, timedOut, unknownService } from './errors.ts';
import type { SecretsEvent } from './events.ts';
import {
  batchesOf,
  type Need,
  type NeedFailure,
  needsOf,
  type SecretVersions,
  type ServiceSecrets,
} from './plan/needs.ts';
import type { SecretStore, StoredSecret } from './ports/secret-store.ts';

export interface PrepareSecretsOptions {
  readonly store: SecretStore;
  readonly services: readonly ServiceSecrets[];
  /** The versions a rollback brings back, as an earlier `PreparedSecrets.versions`; the current ones by default. */
  readonly versions?: SecretVersions | undefined;
  /** Time for all fetching together; 30 000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: Observer<SecretsEvent> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** The secrets of a release, all there; printing it shows names and versions, never a value. */
export interface PreparedSecrets {
  /** For the record of the release. */
  readonly versions: SecretVersions;
  /** The secrets of one service by name. Throws SECRETS_UNKNOWN_SERVICE for one that was not asked for. */
  forService(name: string): Readonly<Record<string, Redacted>>;
}

type Fetched = ReadonlyMap<Need, StoredSecret>;

/**
 * Fetches everything the services need, before any of them starts, each secret once; all of it or nothing.
 * Throws SECRETS_MISSING, SECRETS_VERSION_GONE or SECRETS_UNAVAILABLE with every name concerned, and passes on what the
 * store throws when it cannot be read as a whole.
 */
export async function prepareSecrets(options: PrepareSecretsOptions): Promise<PreparedSecrets> {
  const { store, services, clock = systemClock, logger = silentLogger } = options;
  const emit = createEmitter<SecretsEvent>({ onEvent: options.onEvent, clock, logger });
  const start = clock.monotonic();
  const needs = needsOf(services, options.versions);
  const names = [...new Set(needs.map(({ name }) => name))];

  emit({ type: 'secrets-fetching', store: store.name, names });
  const fetched = await fetchAll(needs, names, options);
  emit({
    type: 'secrets-prepared',
    store: store.name,
    names,
    services: services.map(({ name }) => name),
    durationMs: clock.monotonic() - start,
  });
  return preparedFrom(services, fetched);
}

async function fetchAll(
  needs: readonly Need[],
  names: readonly string[],
  { store, deadlineMs = 30_000, signal: outer, clock = systemClock }: PrepareSecretsOptions,
): Promise<Fetched> {
  const answers = await withDeadline(
    (signal) => Promise.all(batchesOf(needs).map((batch) => fetchBatch(store, batch, signal))),
    { deadlineMs, clock, signal: outer, onExpired: () => timedOut(store.name, deadlineMs, names) },
  );
  const failures = answers.flatMap(({ failures }) => failures);
  if (failures.length > 0) throw notPrepared(store.name, failures);
  return new Map(answers.flatMap(({ found }) => found));
}

async function fetchBatch(store: SecretStore, batch: readonly Need[], signal: AbortSignal) {
  const { found: given, failed } = await store.fetch(
    batch.map(({ name }) => name),
    { signal, versions: wantedVersions(batch) },
  );
  const found: [Need, StoredSecret][] = [];
  const failures: NeedFailure[] = [];
  for (const need of batch) {
    const secret = given.get(need.name);
    // A store that gives another version, or no answer for a name, must not let a release pass.
    if (secret === undefined) failures.push({ need, ...(failed.get(need.name) ?? { reason: 'missing' }) });
    else if (secret.version !== (need.version ?? secret.version)) failures.push({ need, reason: 'version-gone' });
    else if (secret.value.reveal() === '') failures.push({ need, reason: 'empty' });
    else found.push([need, secret]);
  }
  return { found, failures };
}

function wantedVersions(batch: readonly Need[]): Readonly<Record<string, string>> {
  return Object.fromEntries(batch.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version]])));
}

function preparedFrom(services: readonly ServiceSecrets[], fetched: Fetched): PreparedSecrets {
  const byService = new Map(
    services.map(({ name: service }) => {
      const own = [...fetched].filter(([need]) => need.services.includes(service));
      return [
        service,
        {
          versions: Object.fromEntries(own.map(([{ name }, { version }]) => [name, version])),
          values: Object.freeze(Object.fromEntries(own.map(([{ name }, { value }]) => [name, value]))),
        },
      ];
    }),
  );
  return {
    versions: Object.fromEntries([...byService].map(([service, { versions }]) => [service, versions])),
    forService(name) {
      const own = byService.get(name);
      if (own === undefined) throw unknownService(name, [...byService.keys()]);
      return own.values;
    },
  };
}
