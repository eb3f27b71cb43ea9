import { type Generation, type InstanceKey, liveSlot, type Observed } from '@maestro/bluegreen';

import type { InterruptedRelease, ReleaseResult, RunOptions } from '../environment.ts';
import { OrchestratorError } from '../errors.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import { noTrial, planRelease, type ReleasePlan } from '../plan/plan-release.ts';
import { refuseOtherSources } from '../gates/run-gates.ts';
import { around, hookSteps, type Step } from '../plan/call-steps.ts';
import { announce } from './announce.ts';
import { liveServices } from './live-services.ts';
import type { Parts } from './parts.ts';
import { planWithReload } from './plan-with-reload.ts';
import type { HookDefinition } from './call-definition.ts';
import type { ReleaseDefinition } from './release-definition.ts';
import { ReleaseRun, type Scripts } from './release-run.ts';
import { callsAfterSwitch, callsBeforeSwitch, refuseMissingScripts } from './remaining-calls.ts';
import { finishRelease, record, resultOf, runRelease } from './run-release.ts';
import { undo } from './undo.ts';

export interface RecoverOptions extends Pick<RunOptions, 'onEvent'> {
  /** The release that was cut off. */
  readonly release: string;
}

/** The release that was cut off, as its journal and the generation tell; null for none. */
export async function interruptedRelease(parts: Parts): Promise<InterruptedRelease | null> {
  const unfinished = await parts.journals.unfinished();
  if (unfinished === null) return null;
  // The record is a release's last act: with it in the history, only the journal's closing line is missing.
  const { name: environment } = parts.environment;
  if ((await parts.history.get({ environment, id: unfinished.release })) !== undefined) return null;
  const generation = await parts.blueGreen().generation();
  const begun = unfinished.entries.find((entry) => entry.type === 'begun');
  const started = unfinished.entries.filter((entry) => entry.type === 'step-started');
  return {
    release: unfinished.release,
    kind: begun?.kind ?? 'deploy',
    startedAt: begun?.at ?? '',
    lastStep: started.at(-1)?.summary ?? 'none',
    switched: generation?.release === unfinished.release,
  };
}

/** Finishes the release that was cut off: what is left before the switch, or what comes after it. */
export async function resumeRelease(
  parts: Parts,
  lock: HeldLock,
  { release, scripts, onEvent, signal }: RecoverOptions & { readonly scripts: Scripts; readonly signal: AbortSignal },
): Promise<ReleaseResult> {
  const definition = await parts.definitions.read(release);
  const written = await parts.journals.entries(release);
  const observed = await parts.blueGreen().observe({ signal });
  await using journal = await parts.journals.open(definition.id);
  if (observed.generation?.release === definition.id) {
    const { hooks } = callsAfterSwitch(definition, written);
    const plan = planFinish(definition, { observed, hooks });
    const run = new ReleaseRun({ parts, definition, plan, lock, journal, scripts, onEvent });
    announce(parts, { id: release, kind: 'resume', plan: run.plan, onEvent });
    run.generation = observed.generation;
    const left = idleAndRunning(definition, observed);
    const previous = generationBefore(definition, observed.generation, left);
    const result = await finishRelease(run, { previous, leaving: left, switched: undefined, signal });
    await parts.images.letGo(release);
    return result;
  }
  const calls = callsBeforeSwitch(definition, written);
  refuseMissingScripts(release, calls, scripts);
  // Before anything is done: what would be refused later is undone.
  await refuseOtherSources(parts, { definition, gates: calls.gates, signal });
  const live = await liveServices(parts, observed.generation);
  const plan = await planWithReload(parts, {
    environment: definition.environment,
    kind: definition.kind,
    services: definition.services,
    unwanted: definition.unwanted,
    observed,
    live,
    pendingMigrations: definition.kind === 'deploy' ? migratable(definition) : {},
    waitingMigrations: {},
    judged: parts.images.judge !== null,
    trial: definition.trial,
    calls,
    resumed: true,
  });
  const run = new ReleaseRun({ parts, definition, plan, lock, journal, scripts, onEvent });
  announce(parts, { id: release, kind: definition.kind, plan, onEvent });
  return await parts.images.whileClaimed(definition, () => runRelease({ run, assembled: new Map(), signal }));
}

/** Writes down that a release was given up, after what it had started was stopped or lost its traffic. */
export async function abortRelease(
  parts: Parts,
  lock: HeldLock,
  { release, onEvent }: RecoverOptions,
): Promise<ReleaseResult> {
  const definition = await parts.definitions.read(release);
  const observed = await parts.blueGreen().observe();
  await using journal = await parts.journals.open(definition.id);
  const plan = planRelease({
    environment: definition.environment,
    kind: definition.kind,
    services: [],
    unwanted: [],
    observed,
    live: [],
    pendingMigrations: {},
    waitingMigrations: {},
    judged: false,
    reloads: false,
    trial: noTrial,
  });
  const run = new ReleaseRun({ parts, definition, plan, lock, journal, onEvent });
  announce(parts, { id: release, kind: 'abort', plan, onEvent });
  await undo(run);
  await record(run, 'aborted', 'aborted on request after it was cut off');
  await parts.images.letGo(release);
  return resultOf(run, 'aborted', { switchMs: null });
}

/** What is still warm beside what is live tells where the traffic was. */
function generationBefore(
  { previous }: ReleaseDefinition,
  live: Generation,
  left: readonly InstanceKey[],
): Generation | null {
  if (previous === null) return null;
  const slots = { ...live.slots, ...Object.fromEntries(left.map(({ service, slot }) => [service, slot])) };
  return { number: live.number - 1, release: previous, at: live.at, slots };
}

/** What is left to do after a switch: every instance beside the live ones is one that lost its traffic. */
function planFinish(
  definition: ReleaseDefinition,
  { observed, hooks }: { readonly observed: Observed; readonly hooks: readonly HookDefinition[] },
): ReleasePlan {
  const left = idleAndRunning(definition, observed);
  const steps: Step[] = [...hookSteps(hooks, { stage: 'switch', when: 'after' })];
  const { bakeMs } = definition.trial;
  if (bakeMs > 0 && left.length > 0) {
    const summary = `watch ${left.map(({ service }) => service).join(', ')} for the rest of ${bakeMs / 1000} s`;
    steps.push(...around(hooks, 'bake', [{ id: 'bake', kind: 'bake', summary }]));
  }
  const retirement = left.flatMap(({ service, slot }): Step[] => [
    { id: `drain:${service}`, kind: 'drain', service, summary: `drain ${service} in ${slot}` },
    { id: `stop:${service}`, kind: 'stop', service, summary: `stop ${service} in ${slot}` },
  ]);
  steps.push(
    ...around(hooks, 'drain', retirement),
    ...around(hooks, 'record', [{ id: 'record', kind: 'record', summary: 'record the release' }]),
  );
  const base = planRelease({
    environment: definition.environment,
    kind: definition.kind,
    services: definition.services,
    unwanted: [],
    observed,
    live: [],
    pendingMigrations: {},
    waitingMigrations: {},
    judged: false,
    reloads: false,
    trial: noTrial,
  });
  return { ...base, hash: definition.planHash, steps: steps.map((step) => ({ ...step, irreversible: false })) };
}

function idleAndRunning(definition: ReleaseDefinition, { generation, instances }: Observed) {
  const concerned = new Set([...definition.services.map(({ name }) => name), ...definition.unwanted]);
  return instances
    .filter(({ service, slot, state }) => {
      return state === 'running' && concerned.has(service) && liveSlot(generation, service) !== slot;
    })
    .map(({ service, slot }) => ({ service, slot }));
}

/** Which migrations are left only the database knows: each database gets its step, which may find nothing to do. */
function migratable(definition: ReleaseDefinition): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    definition.services.flatMap(({ name, database }) => (database === null ? [] : [[name, ['whatever is left']]])),
  );
}

export function nothingInterrupted(): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NOTHING_INTERRUPTED', 'no release was cut off', {
    hint: 'maestro status',
  });
}
