import { createEmitter, reportError } from '@maestro/core';

import type { RunOptions } from '../environment.ts';
import type { ReleaseEvent } from '../events.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import type { ReleasePlan } from '../plan/plan-release.ts';
import type { Parts } from './parts.ts';
import type { ServiceDefinition } from './release-definition.ts';
import type { ProposedImage } from './release-images.ts';

export interface MakeImagesOptions extends Pick<RunOptions, 'onEvent'> {
  /** Of the release. */
  readonly id: string;
  readonly plan: ReleasePlan;
  readonly services: readonly ServiceDefinition[];
  readonly images: readonly ProposedImage[];
  /** The one that the images were proposed of. */
  readonly ref: string | undefined;
  readonly lock: HeldLock;
  readonly signal: AbortSignal;
}

/**
 * Builds what the plan says is to be built, and gives back the services with the digests that are known only now. Comes
 * before the release is written down: a build that fails or is cut off leaves nothing to resume.
 */
export async function makeImages(parts: Parts, options: MakeImagesOptions): Promise<readonly ServiceDefinition[]> {
  const { id: release, plan, services, images, ref, lock, onEvent, signal } = options;
  const { clock, logger } = parts;
  const emit = createEmitter<ReleaseEvent>({ onEvent, clock, logger });
  const step = plan.steps.find(({ kind }) => kind === 'build');
  const say = (message: string) => {
    if (step !== undefined) emit({ type: 'step-progress', release, stepId: step.id, message });
  };
  const start = clock.monotonic();
  const durationMs = () => Math.round(clock.monotonic() - start);
  if (step !== undefined) emit({ type: 'step-started', release, step });
  try {
    lock.assertHeld();
    const digests = await parts.images.make(images, { release, ref, say, signal });
    if (step !== undefined) emit({ type: 'step-finished', release, step, durationMs: durationMs() });
    return services.map((service) => ({ ...service, digest: digests.get(service.name) ?? service.digest }));
  } catch (error) {
    if (step !== undefined) {
      emit({ type: 'step-failed', release, step, durationMs: durationMs(), error: reportError(error) });
    }
    throw error;
  }
}
