import { createEmitter, reportError } from '@maestro/core';

import type { RunOptions } from '../environment.ts';
import type { ReleaseEvent } from '../events.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import type { PlanStep } from '../plan/plan.ts';
import type { Parts } from './parts.ts';

export interface AnnouncedStepOptions extends Pick<RunOptions, 'onEvent'> {
  /** Of the release. */
  readonly id: string;
  /** Undefined where the plan has none: the work is then done without a word. */
  readonly step: PlanStep | undefined;
  readonly lock: HeldLock;
}

/** A step before the release is written down: there is no journal yet, and nothing to resume where it is cut off. */
export async function announcedStep<T>(
  { clock, logger }: Pick<Parts, 'clock' | 'logger'>,
  { id: release, step, lock, onEvent }: AnnouncedStepOptions,
  work: (say: (message: string) => void) => Promise<T>,
): Promise<T> {
  lock.assertHeld();
  if (step === undefined) return await work(() => undefined);
  const emit = createEmitter<ReleaseEvent>({ onEvent, clock, logger });
  const start = clock.monotonic();
  const durationMs = () => Math.round(clock.monotonic() - start);
  emit({ type: 'step-started', release, step });
  try {
    const result = await work((message) => {
      emit({ type: 'step-progress', release, stepId: step.id, message });
    });
    emit({ type: 'step-finished', release, step, durationMs: durationMs() });
    return result;
  } catch (error) {
    emit({ type: 'step-failed', release, step, durationMs: durationMs(), error: reportError(error) });
    throw error;
  }
}
