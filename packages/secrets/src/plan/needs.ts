import type { SecretFailureReason } from '../ports/secret-store.ts';

export interface ServiceSecrets {
  readonly name: string;
  /** Names of the secrets it needs. */
  readonly secrets: readonly string[];
}

/** Versions by service, then by name of the secret; a release records these. */
export type SecretVersions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One thing to fetch, and who needs it. */
export interface Need {
  readonly name: string;
  /** Undefined for the current one. */
  readonly version: string | undefined;
  readonly services: readonly string[];
}

/** A need that was not met. An empty value meets none: the service would start with it and fail elsewhere. */
export interface NeedFailure {
  readonly need: Need;
  readonly reason: SecretFailureReason | 'empty';
  readonly hint?: string | undefined;
}

/** What the services need together, each distinct name and version once, in the order first asked for. */
export function needsOf(services: readonly ServiceSecrets[], versions: SecretVersions = {}): readonly Need[] {
  const needs = new Map<string, { name: string; version: string | undefined; services: string[] }>();
  for (const service of services) {
    for (const name of new Set(service.secrets)) {
      const version = versions[service.name]?.[name];
      const key = JSON.stringify([name, version]);
      const need = needs.get(key) ?? { name, version, services: [] };
      need.services.push(service.name);
      needs.set(key, need);
    }
  }
  return [...needs.values()];
}

/**
 * Needs that one call to a store can answer, which has one version a name. There is one batch, unless a rollback brings
 * back services that were released with different versions of a secret they share.
 */
export function batchesOf(needs: readonly Need[]): readonly (readonly Need[])[] {
  const batches: Need[][] = [];
  for (const need of needs) {
    const free = batches.find((batch) => batch.every(({ name }) => name !== need.name));
    if (free === undefined) batches.push([need]);
    else free.push(need);
  }
  return batches;
}
