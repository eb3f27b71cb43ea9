import type { Clock, Logger } from '@maestro/core';
import type { ResolvedEnvironment } from '@maestro/registry';
import type { RotatingSecretStore } from '@maestro/secrets';

import type { EnvironmentSecretStore } from '../open-secret-store.ts';
import type { ReleasedPlace, ReleasedSecrets } from '../release/released-secrets.ts';
import { noSecretStore } from './errors.ts';

/** What work on the secrets of an environment is done with. */
export interface SecretParts {
  readonly environment: ResolvedEnvironment;
  /** Null where the environment names no source of secrets. */
  readonly secrets: EnvironmentSecretStore | null;
  /** Another environment of the project; throws `REGISTRY_UNKNOWN_ENVIRONMENT`. */
  readonly other: (name: string) => ResolvedEnvironment;
  /** Works while nobody else deploys; throws `ORCHESTRATOR_LOCKED`. */
  readonly alone: <T>(purpose: string, work: () => Promise<T>) => Promise<T>;
  /** The versions of a secret that running instances were started with. */
  readonly versionsInUse: (secret: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;
  /** Looks at the instances once, and tells of each place the secrets of what runs there. */
  readonly releasedSecrets: (
    signal: AbortSignal | undefined,
  ) => Promise<(place: ReleasedPlace) => Promise<ReleasedSecrets>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Stored = Pick<SecretParts, 'environment' | 'secrets'>;

/** Throws `ORCHESTRATOR_NO_SECRET_STORE`. */
export function storeOf({ environment, secrets }: Stored): EnvironmentSecretStore {
  if (secrets !== null) return secrets;
  throw noSecretStore(environment.name, 'has no secrets');
}

/** The same where it can be written to; throws `ORCHESTRATOR_NO_SECRET_STORE`. */
export function writableStore(parts: Stored): EnvironmentSecretStore & {
  readonly writable: () => Promise<RotatingSecretStore>;
} {
  const store = storeOf(parts);
  const { writable } = store;
  if (writable !== null) return { ...store, writable };
  throw noSecretStore(parts.environment.name, `keeps its secrets in a file that is edited: ${store.name}`);
}
