import { createEmitter } from '@maestro/core';

import type { RunOptions } from '../environment.ts';
import type { ReleaseEvent } from '../events.ts';
import type { ReleasePlan } from '../plan/plan-release.ts';
import type { Parts } from './parts.ts';

export interface AnnounceOptions extends Pick<RunOptions, 'onEvent'> {
  /** Of the release. */
  readonly id: string;
  readonly kind: 'deploy' | 'rollback' | 'resume' | 'abort';
  readonly plan: ReleasePlan;
}

/** Says what is about to happen. */
export function announce(
  { environment, clock, logger }: Pick<Parts, 'clock' | 'environment' | 'logger'>,
  { id, kind, plan, onEvent }: AnnounceOptions,
): void {
  createEmitter<ReleaseEvent>({ onEvent, clock, logger })({
    type: 'release-started',
    release: id,
    kind,
    environment: environment.name,
    planHash: plan.hash,
    steps: plan.steps,
  });
}
