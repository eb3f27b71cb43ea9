import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import { checkRepository } from '../../image/names.ts';
import { type OciRegistryOptions, openRegistry } from './open-registry.ts';
import { ReleaseDocuments } from './release-documents.ts';
import type { RegistryParts } from './repository.ts';

export interface OciReleaseOptions extends OciRegistryOptions {
  /** What is remembered is in the repository `<project>-release-history`, images are in `<project>-<service>`. */
  readonly project: string;
}

export interface ReleaseRepository {
  readonly parts: RegistryParts;
  readonly documents: ReleaseDocuments;
  /** What stands before the name of a service in the name of its repository. */
  readonly servicePrefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Throws `IMAGE_STORE_INVALID_REGISTRY`, `IMAGE_STORE_INVALID_NAME`; asks nothing yet. */
export function openReleaseRepository(options: OciReleaseOptions): ReleaseRepository {
  const { project, clock = systemClock, logger = silentLogger } = options;
  const name = `${project}-release-history`;
  checkRepository(name);
  const { parts, prefix } = openRegistry(options);
  const documents = new ReleaseDocuments(parts, { repository: `${prefix}${name}` });
  return { parts, documents, servicePrefix: `${prefix}${project}-`, clock, logger };
}
