import { type Generation, liveSlot } from '@maestro/bluegreen';
import { isMaestroError } from '@maestro/core';

import type { Parts } from './parts.ts';
import type { ServiceDefinition } from './release-definition.ts';

/** The services that receive traffic, as the release defined them that made the generation. */
export async function liveServices(
  { definitions, logger }: Pick<Parts, 'definitions' | 'logger'>,
  generation: Generation | null,
): Promise<readonly ServiceDefinition[]> {
  const services = await releasedServices({ definitions, logger }, generation);
  return services.filter(({ name }) => liveSlot(generation, name) !== undefined);
}

/** All services of the release that is live, also those that have no traffic. */
export async function releasedServices(
  { definitions, logger }: Pick<Parts, 'definitions' | 'logger'>,
  generation: Generation | null,
): Promise<readonly ServiceDefinition[]> {
  if (generation === null) return [];
  try {
    return (await definitions.read(generation.release)).services;
  } catch (error) {
    if (!isMaestroError(error, 'ORCHESTRATOR_RELEASE_UNREADABLE')) throw error;
    // A file that was lost keeps nobody from deploying: the routes are then those of the new release at once.
    logger.warn('what is live cannot be looked up', { release: generation.release, reason: error.message });
    return [];
  }
}
