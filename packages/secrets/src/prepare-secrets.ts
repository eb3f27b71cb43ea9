import {
  type Clock,
  createEmitter,
  type Logger,
  type Observer,
  Redacted,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';

import { notAvailable, timedOut, unknownService } from './errors.ts';
import type { SecretsEvent } from './events.ts';
import { type FetchedNeeds, fetchNeeds } from './fetch-needs.ts';
import {
  needFailure,
  type NeedFailure,
  needsOf,
  pinsOf,
  type SecretVersions,
  type ServiceSecrets,
  variablesOf,
  type Want,
  wantsOf,
} from './plan/needs.ts';
import { expand } from './plan/references.ts';
import { parseSecretId } from './plan/secret-id.ts';
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
  /** For the record of the release: of what was asked for, and of what that refers to. */
  readonly versions: SecretVersions;
  /**
   * The secrets of one service by variable, what is stored as bytes in base64. Throws SECRETS_UNKNOWN_SERVICE for one
   * that was not asked for.
   */
  forService(name: string): Readonly<Record<string, Redacted>>;
  /** The same as bytes, for files: text in UTF-8, bytes as they are stored. */
  bytesForService(name: string): Readonly<Record<string, Redacted<Uint8Array>>>;
  /** The same for a container: text as text, and bytes as they are stored, which become files only. */
  forContainer(name: string): Readonly<Record<string, Redacted | Redacted<Uint8Array>>>;
}

/** A variable of a service and what it holds. */
interface Prepared {
  readonly variable: string;
  readonly value: Redacted;
  readonly encoding: StoredSecret['encoding'];
}

/**
 * Fetches everything the services need, before any of them starts, each secret once; all of it or nothing.
 * Throws SECRETS_MISSING, SECRETS_PENDING_DELETION, SECRETS_VERSION_GONE, SECRETS_DENIED or SECRETS_UNAVAILABLE with every
 * name concerned, SECRETS_BAD_REFERENCE, and passes on what the store throws when it cannot be read as a whole.
 */
export async function prepareSecrets(options: PrepareSecretsOptions): Promise<PreparedSecrets> {
  const { store, services, versions = {}, clock = systemClock, logger = silentLogger } = options;
  const emit = createEmitter<SecretsEvent>({ onEvent: options.onEvent, clock, logger });
  const start = clock.monotonic();
  const wants = wantsOf(services);

  emit({ type: 'secrets-fetching', store: store.name, names: namesOf(wants) });
  const fetched = await fetchInTime(wants, versions, options);
  const prepared = prepareAll(services, fetched, store.name);
  emit({
    type: 'secrets-prepared',
    store: store.name,
    names: namesOf(fetched.wants),
    services: services.map(({ name }) => name),
    durationMs: clock.monotonic() - start,
  });
  return preparedFrom(prepared, versionsOf(services, fetched));
}

async function fetchInTime(
  wants: readonly Want[],
  versions: SecretVersions,
  { store, deadlineMs = 30_000, signal: outer, clock = systemClock }: PrepareSecretsOptions,
): Promise<FetchedNeeds> {
  return withDeadline((signal) => fetchNeeds({ store, wants, pinFor: pinsOf(versions), signal }), {
    deadlineMs,
    clock,
    signal: outer,
    onExpired: () => timedOut(store.name, deadlineMs, namesOf(wants)),
  });
}

function prepareAll(
  services: readonly ServiceSecrets[],
  { find }: FetchedNeeds,
  store: string,
): ReadonlyMap<string, readonly Prepared[]> {
  const failures: NeedFailure[] = [];
  const prepared = services.map((service) => {
    const lookup = (name: string) => find(service.name, name);
    const own = variablesOf(service).flatMap(([variable, id]): Prepared[] => {
      const expansion = expand(id, lookup);
      if (expansion.failure !== undefined) {
        failures.push(needFailure(expansion.failure, service.name));
        return [];
      }
      return [{ variable, value: valueOf(expansion, lookup(parseSecretId(id).name)), encoding: expansion.encoding }];
    });
    return [service.name, own] as const;
  });
  if (failures.length > 0) throw notAvailable(store, failures);
  return new Map(prepared);
}

/** The very value that was fetched, where it stands for itself: one copy of it in memory, not one a service. */
function valueOf({ text }: { readonly text: string }, secret: StoredSecret | undefined): Redacted {
  return secret?.value.reveal() === text ? secret.value : new Redacted(text);
}

function versionsOf(services: readonly ServiceSecrets[], { wants, find }: FetchedNeeds): SecretVersions {
  return Object.fromEntries(
    services.map(({ name: service }) => {
      const own = needsOf(wants.filter((want) => want.service === service));
      const versions = own.flatMap(({ name }) => {
        const secret = find(service, name);
        return secret === undefined ? [] : [[name, secret.version] as const];
      });
      return [service, Object.fromEntries(versions)];
    }),
  );
}

function preparedFrom(prepared: ReadonlyMap<string, readonly Prepared[]>, versions: SecretVersions): PreparedSecrets {
  const of = (service: string) => {
    const own = prepared.get(service);
    if (own === undefined) throw unknownService(service, [...prepared.keys()]);
    return own;
  };
  const given = <T>(service: string, as: (secret: Prepared) => T): Readonly<Record<string, T>> =>
    Object.freeze(Object.fromEntries(of(service).map((secret) => [secret.variable, as(secret)])));
  return {
    versions,
    forService: (name) => given(name, ({ value }) => value),
    bytesForService: (name) => given(name, bytesOf),
    forContainer: (name) => given(name, (secret) => (secret.encoding === 'text' ? secret.value : bytesOf(secret))),
  };
}

function bytesOf({ value, encoding }: Prepared): Redacted<Uint8Array> {
  return new Redacted<Uint8Array>(Buffer.from(value.reveal(), encoding === 'text' ? 'utf8' : 'base64'));
}

function namesOf(wants: readonly Want[]): readonly string[] {
  return needsOf(wants).map(({ name }) => name);
}
