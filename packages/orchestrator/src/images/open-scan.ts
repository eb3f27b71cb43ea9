import type { Clock } from '@maestro/core';
import type { ResolvedEnvironment, ResolvedImages } from '@maestro/registry';

import { noImageRepository } from './errors.ts';
import type { ImageParts } from './image-parts.ts';
import type { OpenedRepository } from './open-repository.ts';

/** Who judges the images of an environment, and by what policy; its adapter is loaded only where it is named. */
export async function openScan(options: {
  readonly environment: ResolvedEnvironment;
  readonly images: ResolvedImages;
  readonly repository: OpenedRepository | null;
  readonly clock: Clock;
}): Promise<ImageParts['scan']> {
  const { environment, images, repository, clock } = options;
  if (images.scan === undefined) return null;
  // Both scanners fetch the image from where every machine finds it.
  if (repository === null) throw noImageRepository(environment.name);
  const { scanner, ...policy } = images.scan;
  const place = { ...repository.location, credentials: repository.credentials, clock };
  if (scanner === 'trivy') {
    const { openTrivy } = await import('@maestro/image-store/trivy');
    return { scanner: openTrivy(place), policy };
  }
  const { openEcrScanner } = await import('@maestro/image-store/ecr');
  return { scanner: openEcrScanner(place), policy };
}
