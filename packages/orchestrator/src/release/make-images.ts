import type { RunOptions } from '../environment.ts';
import { OrchestratorError } from '../errors.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import type { ReleasePlan } from '../plan/plan-release.ts';
import { announcedStep } from './announced-step.ts';
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
  const { id, plan, services, images, ref, lock, onEvent, signal } = options;
  const step = plan.steps.find(({ kind }) => kind === 'build');
  return await announcedStep(parts, { id, step, lock, onEvent }, async (say) => {
    const digests = await parts.images.make(images, { release: id, ref, say, signal });
    return services.map((service) => ({ ...service, digest: digests.get(service.name) ?? service.digest }));
  });
}

/** For a machine that runs what others have built. */
export function refuseToBuild(images: readonly ProposedImage[]): void {
  const unbuilt = images.filter(({ digest }) => digest === null).map(({ service }) => service.name);
  if (unbuilt.length === 0) return;
  const message = `no image of these files is stored for ${unbuilt.join(', ')}, and nothing is to be built here`;
  throw new OrchestratorError('ORCHESTRATOR_IMAGE_MISSING', message, {
    hint: 'maestro images build --push, where images are built, then deploy again',
    details: { services: unbuilt },
  });
}
