import { isMaestroError, type Redacted } from '@maestro/core';
import { type PreparedSecrets, prepareSecrets } from '@maestro/secrets';

import type { Parts } from './parts.ts';
import type { ServiceDefinition } from './release-definition.ts';

/**
 * The secrets of a service in the versions that its release had; where the store no longer has one of them, the current
 * ones: a version that is gone is no reason to stay with a broken release.
 */
export async function prepareObtainable(
  { secrets: store, clock, logger }: Pick<Parts, 'clock' | 'logger' | 'secrets'>,
  { name, secrets, secretVersions }: ServiceDefinition,
  signal?: AbortSignal,
): Promise<PreparedSecrets | null> {
  if (store === null || secrets.length === 0) return null;
  const request = { store, services: [{ name, secrets }], signal, clock, logger };
  try {
    return await prepareSecrets({ ...request, versions: { [name]: secretVersions } });
  } catch (error) {
    if (!isMaestroError(error, 'SECRETS_VERSION_GONE')) throw error;
    const { message: reason } = error;
    logger.warn('a service is started with newer secrets than it had', { service: name, reason });
    return await prepareSecrets(request);
  }
}

export async function obtainableSecrets(
  parts: Pick<Parts, 'clock' | 'logger' | 'secrets'>,
  service: ServiceDefinition,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, Redacted>>> {
  const prepared = await prepareObtainable(parts, service, signal);
  return prepared?.forService(service.name) ?? {};
}
