import { liveSlot } from '@maestro/bluegreen';
import { messageOf } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';
import type { ReleaseRun } from './release-run.ts';

/**
 * Stops what a release started beside the live version. Works on its own deadline, whatever aborted the release.
 * Throws `ORCHESTRATOR_COMPENSATION_FAILED` with what is left.
 */
export async function undo(run: ReleaseRun): Promise<void> {
  run.lock.assertHeld();
  const { generation, instances } = await run.blueGreen.observe();
  const started = instances.filter(
    ({ service, slot, release, state }) =>
      release === run.id && state === 'running' && liveSlot(generation, service) !== slot,
  );
  const left: string[] = [];
  for (const { service, slot } of started) {
    try {
      await run.blueGreen.stop({ service, slot, timeoutMs: run.timeouts(service).stopTimeoutMs });
    } catch (error) {
      left.push(`${service} in ${slot} (${messageOf(error)})`);
    }
  }
  if (left.length === 0) return;
  throw new OrchestratorError(
    'ORCHESTRATOR_COMPENSATION_FAILED',
    `the old version goes on, but these new instances could not be stopped: ${left.join(', ')}`,
    { hint: 'maestro abort tries again', details: { release: run.id, left } },
  );
}
