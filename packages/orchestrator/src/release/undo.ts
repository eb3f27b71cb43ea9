import { canaryPercent, type InstanceKey, liveSlot } from '@maestro/bluegreen';
import { isMaestroError, messageOf } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';
import { bringBack } from './bring-back.ts';
import { jobName } from './instance-spec.ts';
import type { ReleaseRun } from './release-run.ts';

/** Something that could not be undone, and how it is by hand. */
interface LeftBehind {
  readonly what: string;
  readonly reason: string;
  readonly command: string;
}

/**
 * Stops what a release started beside the live version, and brings back what it ended before its successor. Works on its own
 * deadline, whatever aborted the release. Throws `ORCHESTRATOR_COMPENSATION_FAILED` with what is left.
 */
export async function undo(run: ReleaseRun): Promise<void> {
  const { parts, definition } = run;
  const again = `maestro abort -e ${parts.environment.name}`;
  run.lock.assertHeld();
  const left: LeftBehind[] = [];
  await tried(left, { what: 'the canary has its share of the traffic', command: again }, () => takeCanaryBack(run));
  const { generation, instances } = await run.blueGreen.observe();
  run.generation = generation;
  const started = instances.filter(
    ({ service, slot, release, state }) =>
      release === run.id && state !== 'stopped' && liveSlot(generation, service) !== slot,
  );
  for (const key of started) {
    const what = `${key.service} in ${key.slot} was started and not ended`;
    await tried(left, { what, command: (await endByHand(run, key)) ?? again }, () => end(run, key));
  }
  for (const service of definition.jobs) {
    const what = `the job ${service} was begun and not ended`;
    await tried(left, { what, command: again }, () => parts.jobs.end({ service, job: jobName, release: run.id }));
  }
  await bringBack(run, instances, (service, work) =>
    tried(left, { what: `${service} was ended and not started again`, command: again }, work),
  );
  if (left.length > 0) throw compensationFailed(run.id, left);
}

function compensationFailed(release: string, left: readonly LeftBehind[]): OrchestratorError {
  const lines = left.flatMap(({ what, reason, command }) => [`  ${what}: ${reason}`, `    by hand: ${command}`]);
  return new OrchestratorError(
    'ORCHESTRATOR_COMPENSATION_FAILED',
    `the old version goes on, but this could not be undone:\n${lines.join('\n')}`,
    { hint: 'maestro abort tries again', details: { release, left: left.map((one) => ({ ...one })) } },
  );
}

/** It is said where something could not be ended: that it is not known must not hide the rest. */
async function endByHand({ parts, id }: ReleaseRun, key: InstanceKey): Promise<string | null> {
  try {
    return await parts.endByHand(key);
  } catch (error) {
    parts.logger.warn('how an instance is ended by hand is not known', { release: id, reason: messageOf(error) });
    return null;
  }
}

/** A deployer that was killed leaves a canary with its share of the traffic. */
async function takeCanaryBack(run: ReleaseRun): Promise<void> {
  const generation = await run.blueGreen.generation();
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

async function tried(
  left: LeftBehind[],
  { what, command }: Omit<LeftBehind, 'reason'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Whoever took the lock over goes on from here.
    if (isMaestroError(error, 'ORCHESTRATOR_LOCK_LOST')) throw error;
    left.push({ what, reason: messageOf(error), command });
  }
}
