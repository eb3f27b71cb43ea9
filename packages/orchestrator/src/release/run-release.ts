import { type Generation, type InstanceKey, leaving, type Switched } from '@maestro/bluegreen';
import { isMaestroError, messageOf, reportError } from '@maestro/core';
import type { ReleaseRecord } from '@maestro/image-store';

import type { ReleaseResult } from '../environment.ts';
import { OrchestratorError } from '../errors.ts';
import { runHooks, stage } from '../hooks/run-hooks.ts';
import { bringUp, settleRoutes } from './bring-up.ts';
import { retire } from './end-first.ts';
import { liveServices } from './live-services.ts';
import { bakeVersion, switchTraffic, tryOut } from './move-traffic.ts';
import type { AssembledImages } from './release-images.ts';
import type { ReleaseRun } from './release-run.ts';
import { topologyOf } from './topology.ts';
import { undo } from './undo.ts';

export interface RunReleaseOptions {
  readonly run: ReleaseRun;
  readonly assembled: AssembledImages;
  /** Ends the work before the switch, and the watching after it; the rest is finished. */
  readonly signal: AbortSignal;
}

/**
 * Runs a planned release: bring up beside what is live, try out, switch, watch, retire the old, record.
 * A failure before the switch undoes what was brought up and throws `ORCHESTRATOR_RELEASE_REFUSED`; a version that did
 * worse with traffic than the one before is `restored`; any other failure after the switch leaves the new version live and
 * throws `ORCHESTRATOR_INTERRUPTED`, to be finished by `resume`.
 */
export async function runRelease({ run, assembled, signal }: RunReleaseOptions): Promise<ReleaseResult> {
  const previous = await run.blueGreen.generation();
  run.generation = previous;

  let switched: Switched | undefined;
  try {
    await bringUp(run, assembled, signal);
    signal.throwIfAborted();
    await stage(run, 'canary', { signal, work: () => tryOut(run, signal) });
    signal.throwIfAborted();
    await runHooks(run, { stage: 'switch', when: 'before' }, signal);
    signal.throwIfAborted();
    switched = await run.step('switch', () => switchTraffic(run));
    run.switchMs = switched?.switchMs ?? null;
  } catch (error) {
    // A switch that failed after its rename has happened all the same: the world decides, not the error.
    if (!(await isLive(run))) return await refuse(run, error);
  }
  return await finishRelease(run, { previous, leaving: leaving(run.plan.moves), switched, signal });
}

export interface FinishOptions {
  /** The generation before the switch, whose instances are still warm. */
  readonly previous: Generation | null;
  /** The instances that lost their traffic. */
  readonly leaving: readonly InstanceKey[];
  readonly switched: Switched | undefined;
  readonly signal: AbortSignal;
}

/** What comes after the switch. */
export async function finishRelease(run: ReleaseRun, options: FinishOptions): Promise<ReleaseResult> {
  const { previous, switched, signal } = options;
  const outcome = run.definition.kind === 'deploy' ? 'deployed' : 'rolled-back';
  try {
    await settleRoutes(run, options.leaving);
    await keepWorkers(run);
    await runHooks(run, { stage: 'switch', when: 'after' }, signal);
    await stage(run, 'bake', { signal, work: () => bakeVersion(run, previous, signal) });
    await stage(run, 'drain', { signal, work: () => retire(run, options.leaving) });
    await runHooks(run, { stage: 'record', when: 'before' }, signal);
    await record(run, outcome, null);
  } catch (error) {
    if (isMaestroError(error, 'ORCHESTRATOR_VERSION_WORSE')) return await restored(run, error.message);
    throw unfinished(run, error);
  }
  return resultOf(run, outcome, { switchMs: switched?.switchMs ?? null });
}

async function isLive(run: ReleaseRun): Promise<boolean> {
  const generation = await run.blueGreen.generation();
  if (generation?.release !== run.id) return false;
  run.generation = generation;
  return true;
}

/** They are in no generation, so no switch does it. */
async function keepWorkers(run: ReleaseRun): Promise<void> {
  for (const { name } of run.moved()) {
    const slot = run.moveOf(name)?.slot;
    if (run.isWorker(name) && slot !== undefined) await run.blueGreen.keepRunning({ service: name, slot });
  }
}

/** The version before has the traffic again; what was started for this release ends, and leaves its routes. */
async function restored(run: ReleaseRun, reason: string): Promise<ReleaseResult> {
  await undo(run);
  const live = await liveServices(run.parts, run.generation);
  await run.blueGreen.reach(topologyOf(run.parts.environment, live));
  await record(run, 'restored', reason);
  return resultOf(run, 'restored', { switchMs: null, reason });
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
      planHash: definition.planHash,
      switchMs: run.switchMs,
      unjudged: run.unjudged,
      services: definition.services.map(({ name, image, digest, configHash, secretVersions, revision }) => ({
        name,
        image,
        digest,
        configHash,
        secretVersions,
        revision,
      })),
    });
  };
  if (reason === null) {
    await run.step('record', write);
    await runHooks(run, { stage: 'record', when: 'after' }, new AbortController().signal);
  } else {
    await write();
  }
  await run.journal.append({ type: 'ended', outcome });
  run.emit({ type: 'release-finished', release: run.id, outcome, durationMs: run.elapsedMs() });
}

export function resultOf(
  run: ReleaseRun,
  outcome: ReleaseResult['outcome'],
  { switchMs, reason = null }: { readonly switchMs: number | null; readonly reason?: string | null },
): ReleaseResult {
  return {
    release: run.id,
    outcome,
    durationMs: run.elapsedMs(),
    switchMs,
    reason,
    unjudged: run.unjudged,
    failedHooks: run.failedHooks,
    services: run.definition.services.flatMap(({ name, image, digest }) => {
      const move = run.moveOf(name);
      return move === undefined ? [] : [{ name, image, digest, slot: move.slot, changed: move.kind !== 'keep' }];
    }),
  };
}

async function refuse(run: ReleaseRun, error: unknown): Promise<ReleaseResult> {
  // Whoever took the lock over may be using the idle slots by now: what they hold is no longer ours to stop.
  if (isMaestroError(error, 'ORCHESTRATOR_LOCK_LOST')) throw error;
  if (isMaestroError(error, 'ORCHESTRATOR_VERSION_WORSE')) return await restored(run, error.message);
  await undo(run);
  const { message, hint, code } = reportError(error);
  const recorded = await recordRefusal(run, message);
  throw new OrchestratorError(
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
