import { ulid } from 'ulid';

import type { DeployOptions, ReleaseResult, ResumeOptions, RollbackOptions, RunOptions } from '../environment.ts';
import { OrchestratorError } from '../errors.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import { noTrial, type ReleasePlan } from '../plan/plan-release.ts';
import { announce } from './announce.ts';
import { callBuildHooks } from './call-build-hooks.ts';
import { defineRelease } from './define-release.ts';
import { makeImages, refuseToBuild } from './make-images.ts';
import type { Parts } from './parts.ts';
import { proposeDeployment, scriptsOf } from './propose-deployment.ts';
import { proposeRollback } from './propose-rollback.ts';
import { abortRelease, interruptedRelease, nothingInterrupted, resumeRelease } from './recover.ts';
import type { ReleaseDefinition, ServiceDefinition } from './release-definition.ts';
import type { AssembledImages } from './release-images.ts';
import { ReleaseRun, type Scripts } from './release-run.ts';
import { runRelease } from './run-release.ts';

/** Deploys: proposes a plan under the lock, compares it with the one the operator saw, and runs it. */
export async function deploy(parts: Parts, options: DeployOptions): Promise<ReleaseResult> {
  const signal = options.signal ?? new AbortController().signal;
  const start = parts.clock.monotonic();
  const id = newReleaseId(parts);
  await using lock = await parts.lock.acquire(`deploy ${id}`);
  await refuseWhenInterrupted(parts);
  await parts.images.removeLeftovers();
  await revive(parts, signal);

  const proposed = await proposeDeployment(parts, options, signal);
  const { plan, services, images, affected } = proposed;
  if (options.planHash !== undefined && options.planHash !== plan.hash) throw planChanged(options.planHash, plan);
  if (options.pullImages === true) refuseToBuild(images);
  const chosen = affected === undefined ? {} : { affected };
  if (plan.steps.length === 0) return { ...unchanged(plan, services, parts.clock.monotonic() - start), ...chosen };

  const { ref, onEvent } = options;
  announce(parts, { id, kind: 'deploy', plan, onEvent });
  const scripts = scriptsOf(options);
  const definition = await defineRelease(parts, { id, kind: 'deploy', restores: null, ...proposed });
  const facts = { ...definition, project: parts.environment.project, plan };
  const building = { facts, hooks: proposed.calls.hooks, scripts, lock, onEvent, signal };
  await callBuildHooks(parts, { ...building, when: 'before' });
  const made = await makeImages(parts, { id, plan, services, images, ref, lock, onEvent, signal });
  await callBuildHooks(parts, { ...building, facts: { ...facts, services: [...made] }, when: 'after' });
  const assembled = new Map(
    images.flatMap(({ service, assembled: one }) => (one === null ? [] : [[service.name, one]])),
  );
  const release = { definition: { ...definition, services: [...made] }, plan, scripts, start };
  return { ...(await run(parts, { ...release, assembled, lock, options, signal })), ...chosen };
}

/** Returns to an earlier release; never builds. */
export async function rollback(parts: Parts, options: RollbackOptions): Promise<ReleaseResult> {
  const signal = options.signal ?? new AbortController().signal;
  const start = parts.clock.monotonic();
  const id = newReleaseId(parts);
  await using lock = await parts.lock.acquire(`rollback ${id}`);
  await refuseWhenInterrupted(parts);
  await revive(parts, signal);
  return await rollBackUnder(lock, { parts, id, options, signal, start });
}

/** Finishes what was cut off. */
export async function resume(parts: Parts, options: ResumeOptions): Promise<ReleaseResult> {
  const signal = options.signal ?? new AbortController().signal;
  await using lock = await parts.lock.acquire('resume');
  const interrupted = await interruptedRelease(parts);
  if (interrupted === null) throw nothingInterrupted();
  await revive(parts, signal);
  return await resumeRelease(parts, lock, {
    ...options,
    release: interrupted.release,
    scripts: scriptsOf(options),
    signal,
  });
}

/** Undoes what was cut off: before its switch by stopping what was started, after it by switching back. */
export async function abort(parts: Parts, options: RunOptions): Promise<ReleaseResult> {
  const signal = options.signal ?? new AbortController().signal;
  const start = parts.clock.monotonic();
  await using lock = await parts.lock.acquire('abort');
  const interrupted = await interruptedRelease(parts);
  if (interrupted === null) throw nothingInterrupted();
  await revive(parts, signal);
  const { release } = interrupted;
  if (!interrupted.switched) return await abortRelease(parts, lock, { ...options, release });

  const { previous } = await parts.definitions.read(release);
  if (previous === null) {
    throw new OrchestratorError(
      'ORCHESTRATOR_INTERRUPTED',
      `release ${release} receives the traffic already, and there is none before it to return to`,
      { hint: 'maestro resume', details: { release } },
    );
  }
  const { name: environment } = parts.environment;
  const isWayBack = interrupted.kind === 'rollback';
  if (isWayBack && (await parts.history.get({ environment, id: previous })) === undefined) {
    // An abort that was cut off itself: to what it undoes, which is in no history, nobody returns.
    const scripts = { gates: [], hooks: [] };
    const result = await resumeRelease(parts, lock, { ...options, release, scripts, signal });
    await abortRelease(parts, lock, { ...options, release: previous });
    return { ...result, outcome: 'aborted' };
  }
  const id = newReleaseId(parts);
  // Its own journal comes last: until the traffic is back, a second abort finds work to do.
  const result = await rollBackUnder(lock, { parts, id, options: { ...options, to: previous }, signal, start });
  await abortRelease(parts, lock, { ...options, release });
  return { ...result, outcome: 'aborted' };
}

interface RollbackUnderLock {
  readonly parts: Parts;
  readonly id: string;
  readonly options: RollbackOptions;
  readonly signal: AbortSignal;
  readonly start: number;
}

async function rollBackUnder(
  lock: HeldLock,
  { parts, id, options, signal, start }: RollbackUnderLock,
): Promise<ReleaseResult> {
  const proposed = await proposeRollback(parts, options, signal);
  const { plan, services, target } = proposed;
  if (plan.steps.length === 0) return unchanged(plan, services, parts.clock.monotonic() - start);
  announce(parts, { id, kind: 'rollback', plan, onEvent: options.onEvent });
  const rest = { images: [], trial: noTrial };
  const definition = await defineRelease(parts, { id, kind: 'rollback', restores: target.id, ...proposed, ...rest });
  const scripts = { gates: [], hooks: options.hooks ?? [] };
  return await run(parts, { definition, plan, scripts, assembled: new Map(), start, lock, options, signal });
}

interface Release {
  readonly definition: ReleaseDefinition;
  readonly plan: ReleasePlan;
  readonly scripts: Scripts;
  readonly assembled: AssembledImages;
  /** When it began, by the clock's monotonic time. */
  readonly start: number;
  readonly lock: HeldLock;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/** Writes down what will be done, then does it: from here on a crash leaves something to resume or abort. */
async function run(parts: Parts, release: Release): Promise<ReleaseResult> {
  const { definition, plan, scripts, assembled, lock, options, signal, start } = release;
  const { id, kind } = definition;
  await parts.definitions.write(definition);
  await using journal = await parts.journals.open(id);
  await journal.append({ type: 'begun', kind, token: lock.token });
  const underway = new ReleaseRun({
    parts,
    definition,
    plan,
    lock,
    journal,
    scripts,
    onEvent: options.onEvent,
    start,
  });
  return await parts.images.whileClaimed(definition, () => runRelease({ run: underway, assembled, signal }));
}

/** What is deployed is reached again before anything else, even where there turns out to be nothing to do. */
async function revive(parts: Parts, signal: AbortSignal): Promise<void> {
  if ((await parts.blueGreen().generation()) !== null) await parts.ensureRunning(signal);
}

export async function refuseWhenInterrupted(parts: Parts): Promise<void> {
  const interrupted = await interruptedRelease(parts);
  if (interrupted === null) return;
  throw new OrchestratorError(
    'ORCHESTRATOR_INTERRUPTED',
    `release ${interrupted.release} was cut off ${interrupted.switched ? 'after' : 'before'} its switch, at: ${interrupted.lastStep}`,
    { hint: 'maestro resume finishes it, maestro abort undoes it', details: { ...interrupted } },
  );
}

function planChanged(seen: string, plan: ReleasePlan): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_PLAN_CHANGED',
    `the plan is no longer the one that was seen: it would now be ${plan.hash}, not ${seen}`,
    { hint: 'maestro plan, then deploy --plan with its hash', details: { seen, now: plan.hash } },
  );
}

function unchanged(plan: ReleasePlan, services: readonly ServiceDefinition[], elapsedMs: number): ReleaseResult {
  return {
    release: null,
    outcome: 'unchanged',
    durationMs: Math.round(elapsedMs),
    switchMs: null,
    reason: null,
    unjudged: [],
    failedHooks: [],
    services: services.flatMap(({ name, image, digest }) => {
      const move = plan.moves.find(({ service }) => service === name);
      return move === undefined ? [] : [{ name, image, digest, slot: move.slot, changed: false }];
    }),
  };
}

function newReleaseId(parts: Parts): string {
  return ulid(parts.clock.now());
}
