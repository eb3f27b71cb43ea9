import { isoTime } from '@maestro/core';

import type { ReleaseCalls, ReleasePlan } from '../plan/plan-release.ts';
import type { Parts } from './parts.ts';
import type { ReleaseDefinition, ReleaseTrial, ServiceDefinition } from './release-definition.ts';
import type { ProposedImage } from './release-images.ts';

/** A release that was proposed, with what it is called. */
export interface ProposedRelease {
  readonly id: string;
  readonly kind: 'deploy' | 'rollback';
  readonly services: readonly ServiceDefinition[];
  readonly unwanted: readonly string[];
  readonly restores: string | null;
  readonly trial: ReleaseTrial;
  readonly calls: ReleaseCalls;
  readonly plan: ReleasePlan;
  readonly images: readonly ProposedImage[];
}

/** What is written down of a release before anything of it is done. */
export async function defineRelease(parts: Parts, release: ProposedRelease): Promise<ReleaseDefinition> {
  const { id, kind, services, unwanted, restores, trial, calls, plan, images } = release;
  const generation = await parts.blueGreen().generation();
  const starting = plan.services.filter(({ change }) => change !== 'keep').map(({ name }) => name);
  const made = images.filter(({ service }) => starting.includes(service.name));
  return {
    id,
    kind,
    environment: parts.environment.name,
    at: isoTime(parts.clock),
    by: parts.by,
    planHash: plan.hash,
    previous: generation?.release ?? null,
    restores,
    services: [...services],
    unwanted: [...unwanted],
    trial,
    gates: [...calls.gates],
    // Those around the build have been called when it is written down.
    hooks: calls.hooks.filter(({ stage }) => stage !== 'build'),
    jobs: [...calls.jobs],
    inputHashes: Object.fromEntries(made.map(({ service, inputHash }) => [service.name, inputHash])),
  };
}
