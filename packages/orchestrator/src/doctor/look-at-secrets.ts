import { randomBytes } from 'node:crypto';

import { type Clock, type Logger, Redacted, reportError } from '@maestro/core';
import type { ResolvedEnvironment } from '@maestro/registry';
import { prepareSecrets } from '@maestro/secrets';

import { type EnvironmentSecretStore, openSecretStore } from '../open-secret-store.ts';
import { namesOf, needingServices } from '../secrets/needed-secrets.ts';
import { Nothing } from './nothing.ts';
import type { SecretFacts } from './world.ts';

export interface SecretPlace {
  readonly environment: ResolvedEnvironment;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Fetches everything that services need, and keeps which of it there is. */
export async function lookAtSecrets({
  environment,
  clock,
  logger,
  signal,
}: SecretPlace): Promise<SecretFacts | Nothing> {
  const services = needingServices(environment);
  await using store = await openStore({ environment, logger });
  if (store === null || services.length === 0) return new Nothing('no service needs a secret');
  const needed = namesOf(services);
  const { failed } = await store.fetch(needed, { signal });
  const failures = [...failed].map(([name, { reason }]) => ({ name, reason }));
  const prepared = failures.length > 0 ? null : prepareSecrets({ store, services, clock, logger, signal });
  const references = (await prepared?.then(() => null, reportError)) ?? null;
  return { store: store.name, needed, failures, references };
}

/** As a deployment opens it, but that the key of the versions of a `.env` file is a new one, so that none is written. */
export async function openStore({
  environment,
  logger,
}: Pick<SecretPlace, 'environment' | 'logger'>): Promise<EnvironmentSecretStore | null> {
  const { secrets } = environment;
  if (secrets?.source !== 'dotenv') return openSecretStore(environment, { logger });
  const { dotenvStore } = await import('@maestro/secrets/dotenv');
  const fingerprintKey = new Redacted<Uint8Array>(randomBytes(32));
  return {
    ...dotenvStore({ file: secrets.file, fingerprintKey, logger }),
    writable: null,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
