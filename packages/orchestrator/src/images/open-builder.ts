import { type Clock, type Logger, Redacted } from '@maestro/core';
import type { ImageBuilder } from '@maestro/image-store';
import type { DockerEngine } from '@maestro/image-store/docker';
import type { ResolvedImages } from '@maestro/registry';

import { OrchestratorError } from '../errors.ts';
import type { OpenedRepository } from './open-repository.ts';

export interface BuilderOptions {
  readonly images: ResolvedImages;
  readonly engine: DockerEngine;
  readonly repository: OpenedRepository | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The engine itself builds, unless something is asked for that only buildx does; its adapter is loaded then. */
export async function openBuilder(options: BuilderOptions): Promise<ImageBuilder> {
  const { images, engine, repository, clock, logger } = options;
  if (images.buildx === undefined) return engine.builder;
  const { secrets, ...settings } = images.buildx;
  const { openBuildx } = await import('@maestro/image-store/buildx');
  return openBuildx({
    ...settings,
    // Straight to the image repository: an engine takes no image of several platforms.
    output: repository === null ? { kind: 'engine' } : { kind: 'repository', prefix: prefixOf(repository.location) },
    secrets: buildSecrets(secrets),
    clock,
    logger,
  });
}

function prefixOf({ registry, namespace }: OpenedRepository['location']): string {
  const { host } = new URL(registry);
  return namespace === undefined ? host : `${host}/${namespace}`;
}

/** From the environment of whoever builds; all that are missing are named at once. */
function buildSecrets(names: readonly string[]): Readonly<Record<string, Redacted>> {
  const missing = names.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    throw new OrchestratorError('ORCHESTRATOR_NO_BUILD_SECRET', `builds need ${missing.join(', ')}, which is not set`, {
      hint: `set it for this command: ${missing.map((name) => `${name}=…`).join(' ')} maestro images build`,
      details: { missing },
    });
  }
  return Object.fromEntries(names.map((name) => [name, new Redacted(process.env[name] ?? '')]));
}
