import { canaryPercent, type InstanceKey, liveSlot } from '@maestro/bluegreen';
import { messageOf } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';
import { bringBack } from './bring-back.ts';
import type { ReleaseRun } from './release-run.ts';

/**
 * Stops what a release started beside the live version, and brings back what it ended before its successor. Works on its own
 * deadline, whatever aborted the release. Throws `ORCHESTRATOR_COMPENSATION_FAILED` with what is left.
 */
export async function undo(run: ReleaseRun): Promise<void> {
  run.lock.assertHeld();
  await takeCanaryBack(run);
  const { generation, instances } = await run.blueGreen.observe();
  run.generation = generation;
  const started = instances.filter(
    ({ service, slot, release, state }) =>
      release === run.id && state !== 'stopped' && liveSlot(generation, service) !== slot,
  );
  const left: string[] = [];
  for (const key of started) {
    await tried(left, `${key.service} in ${key.slot}`, () => end(run, key));
  }
  await bringBack(run, instances, (service, work) => tried(left, service, work));
  if (left.length === 0) return;
  throw new OrchestratorError(
    'ORCHESTRATOR_COMPENSATION_FAILED',
    `the old version goes on, but this could not be undone: ${left.join(', ')}`,
    { hint: 'maestro abort tries again', details: { release: run.id, left } },
  );
}

/** A deployer that was killed leaves a canary with its share of the traffic. */
async function takeCanaryBack(run: ReleaseRun): Promise<void> {
  const { generation } = await run.blueGreen.observe();
  if (generation === null || generation.release === run.id) return;
  const tried = run.definition.services.filter(({ name }) => canaryPercent(generation, name) !== undefined);
  if (tried.length === 0) return;
  const { release, slots, number } = generation;
  await run.blueGreen.switchTo({ release, slots, expected: number, fence: run.fence });
}

async function end(run: ReleaseRun, { service, slot }: InstanceKey): Promise<void> {
  const { drainTimeoutMs, stopTimeoutMs } = run.timeouts(service);
  const hadTraffic = !run.isWorker(service) && (run.has('canary') || run.has('bake'));
  if (hadTraffic) await run.blueGreen.drain({ service, slot, deadlineMs: drainTimeoutMs });
  await run.blueGreen.stop({ service, slot, timeoutMs: stopTimeoutMs });
}

async function tried(left: string[], what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    left.push(`${what} (${messageOf(error)})`);
  }
}
