import { leaving, slotsAfter, type Switched } from '@maestro/bluegreen';
import { isMaestroError, messageOf, reportError } from '@maestro/core';
import type { ReleaseRecord } from '@maestro/image-store';

import type { ReleaseResult } from '../environment.ts';
import { OrchestratorError } from '../errors.ts';
import { type AssembledImages, bringUp, settleRoutes } from './bring-up.ts';
import { concurrently } from './concurrently.ts';
import type { ReleaseRun } from './release-run.ts';
import { undo } from './undo.ts';

export interface RunReleaseOptions {
  readonly run: ReleaseRun;
  readonly assembled: AssembledImages;
  /** Ends the work before the switch; after it the release is finished. */
  readonly signal: AbortSignal;
}

/**
 * Runs a planned release: bring up beside what is live, switch, retire the old, record.
 * A failure before the switch undoes what was brought up and throws `ORCHESTRATOR_RELEASE_REFUSED`;
 * one after it leaves the new version live and throws `ORCHESTRATOR_INTERRUPTED`, to be finished by `resume`.
 */
export async function runRelease({ run, assembled, signal }: RunReleaseOptions): Promise<ReleaseResult> {
  const { definition, plan } = run;
  announce(run, definition.kind);
  const { generation: previous } = await run.blueGreen.observe();

  let switched: Switched | undefined;
  try {
    await bringUp(run, assembled, signal);
    signal.throwIfAborted();
    switched = await run.step('switch', () => switchTraffic(run, previous?.number ?? null));
  } catch (error) {
    // A switch that failed after its rename has happened all the same: the world decides, not the error.
    if (!(await isLive(run))) throw await refuse(run, error);
  }

  try {
    await settleRoutes(run);
    await retire(run, leaving(previous, plan.moves));
    await record(run, definition.kind === 'deploy' ? 'deployed' : 'rolled-back', null);
  } catch (error) {
    throw unfinished(run, error);
  }
  return resultOf(run, definition.kind === 'deploy' ? 'deployed' : 'rolled-back', switched?.switchMs ?? null);
}

/** Says what is about to happen. */
export function announce(run: ReleaseRun, kind: 'deploy' | 'rollback' | 'resume' | 'abort'): void {
  const { definition, plan } = run;
  run.emit({
    type: 'release-started',
    release: run.id,
    kind,
    environment: definition.environment,
    planHash: plan.hash,
    steps: plan.steps,
  });
}

async function switchTraffic(run: ReleaseRun, expected: number | null): Promise<Switched> {
  const { generation } = await run.blueGreen.observe();
  return run.blueGreen.switchTo({
    release: run.id,
    slots: slotsAfter(generation, run.plan.moves),
    expected,
    fence: () => {
      run.lock.assertHeld();
    },
  });
}

async function isLive(run: ReleaseRun): Promise<boolean> {
  return (await run.blueGreen.observe()).generation?.release === run.id;
}

/** Lets the instances that lost their traffic finish their requests, and stops them without removing them. */
export async function retire(
  run: ReleaseRun,
  keys: readonly { readonly service: string; readonly slot: 'blue' | 'green' }[],
): Promise<void> {
  await concurrently(keys, new AbortController().signal, async (key) => {
    const { drainTimeoutMs, stopTimeoutMs } = run.timeouts(key.service);
    await run.step(`drain:${key.service}`, () => run.blueGreen.drain({ ...key, deadlineMs: drainTimeoutMs }));
    await run.step(`stop:${key.service}`, () => run.blueGreen.stop({ ...key, timeoutMs: stopTimeoutMs }));
  });
}

export async function record(
  run: ReleaseRun,
  outcome: Exclude<ReleaseRecord['outcome'], 'pushed'>,
  reason: string | null,
): Promise<void> {
  const { parts, definition } = run;
  const write = async () => {
    await parts.history.record({
      id: run.id,
      environment: definition.environment,
      at: definition.at,
      by: definition.by,
      kind: definition.kind,
      outcome,
      durationMs: run.elapsedMs(),
      previousHealthy: definition.previous,
      restores: definition.restores,
      reason,
      services: definition.services.map(({ name, image, digest, configHash, secretVersions }) => ({
        name,
        image,
        digest,
        configHash,
        secretVersions,
      })),
    });
  };
  if (reason === null) await run.step('record', write);
  else await write();
  await run.journal.append({ type: 'ended', outcome });
  run.emit({ type: 'release-finished', release: run.id, outcome, durationMs: run.elapsedMs() });
}

export function resultOf(run: ReleaseRun, outcome: ReleaseResult['outcome'], switchMs: number | null): ReleaseResult {
  const { definition, plan } = run;
  return {
    release: run.id,
    outcome,
    durationMs: run.elapsedMs(),
    switchMs,
    services: definition.services.flatMap(({ name, image, digest }) => {
      const move = plan.moves.find(({ service }) => service === name);
      return move === undefined ? [] : [{ name, image, digest, slot: move.slot, changed: move.kind !== 'keep' }];
    }),
  };
}

async function refuse(run: ReleaseRun, error: unknown): Promise<OrchestratorError> {
  // Whoever took the lock over may be using the idle slots by now: what they hold is no longer ours to stop.
  if (isMaestroError(error, 'ORCHESTRATOR_LOCK_LOST')) throw error;
  await undo(run);
  const { message, hint, code } = reportError(error);
  const recorded = await recordRefusal(run, message);
  return new OrchestratorError(
    'ORCHESTRATOR_RELEASE_REFUSED',
    `release ${run.id} was refused before the switch, the old version went on: ${message}`,
    {
      ...(hint === undefined ? {} : { hint }),
      details: {
        release: run.id,
        outcome: 'refused',
        durationMs: run.elapsedMs(),
        reason: message,
        reasonCode: code,
        recorded,
      },
      cause: error,
    },
  );
}

/** Where not even that can be written, on a full disk, the release stays open for `abort`; its reason still gets out. */
async function recordRefusal(run: ReleaseRun, reason: string): Promise<boolean> {
  try {
    await record(run, 'refused', reason);
    return true;
  } catch (error) {
    run.parts.logger.error('the refusal could not be recorded', { release: run.id, error: messageOf(error) });
    return false;
  }
}

function unfinished(run: ReleaseRun, error: unknown): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_INTERRUPTED',
    `release ${run.id} receives the traffic, but could not be finished: ${messageOf(error)}`,
    { hint: 'maestro resume', details: { release: run.id }, cause: error },
  );
}
