import { liveSlot, type Observed } from '@maestro/bluegreen';
import type { AssembledImage } from '@maestro/image-store';

import type { InterruptedRelease, ReleaseResult, RunOptions } from '../environment.ts';
import { OrchestratorError } from '../errors.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import { planRelease, type ReleasePlan } from '../plan/plan-release.ts';
import type { PlanStep } from '../plan/plan.ts';
import { type AssembledImages, settleRoutes } from './bring-up.ts';
import { liveServices } from './live-services.ts';
import type { Parts } from './parts.ts';
import type { ReleaseDefinition } from './release-definition.ts';
import { ReleaseRun } from './release-run.ts';
import { announce, record, resultOf, retire, runRelease } from './run-release.ts';
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
  const { generation } = await parts.blueGreen().observe();
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
  { release, onEvent, signal }: RecoverOptions & { readonly signal: AbortSignal },
): Promise<ReleaseResult> {
  const definition = await parts.definitions.read(release);
  const observed = await parts.blueGreen().observe({ signal });
  await using journal = await parts.journals.open(definition.id);
  if (observed.generation?.release === definition.id) {
    const run = new ReleaseRun({ parts, definition, plan: planFinish(definition, observed), lock, journal, onEvent });
    announce(run, 'resume');
    return await finish(run, observed);
  }
  const plan = planRelease({
    environment: definition.environment,
    kind: definition.kind,
    services: definition.services,
    unwanted: definition.unwanted,
    observed,
    live: await liveServices(parts, observed.generation),
    pendingMigrations: definition.kind === 'deploy' ? migratable(definition) : {},
    waitingMigrations: {},
  });
  const run = new ReleaseRun({ parts, definition, plan, lock, journal, onEvent });
  return await runRelease({ run, assembled: await missingImages(parts, definition, signal), signal });
}

/** A deployment cut off before its images were stored makes them again, from the commits it was made of. */
async function missingImages(
  parts: Parts,
  { kind, services }: ReleaseDefinition,
  signal: AbortSignal,
): Promise<AssembledImages> {
  const images = new Map<string, AssembledImage>();
  if (kind === 'rollback') return images;
  for (const { name, repository, digest, revision } of services) {
    if ((await parts.images.resolve({ repository, reference: digest }, { signal })) !== undefined) continue;
    const registered = parts.environment.services.find((service) => service.name === name);
    if (registered === undefined || revision.endsWith('-dirty')) continue;
    const { image } = await parts.assemble(registered, { ref: revision, signal });
    if (image.digest === digest) images.set(name, image);
  }
  return images;
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
  });
  const run = new ReleaseRun({ parts, definition, plan, lock, journal, onEvent });
  announce(run, 'abort');
  await undo(run);
  await record(run, 'aborted', 'aborted on request after it was cut off');
  return resultOf(run, 'aborted', null);
}

async function finish(run: ReleaseRun, observed: Observed): Promise<ReleaseResult> {
  await settleRoutes(run);
  await retire(run, idleAndRunning(run.definition, observed));
  const outcome = run.definition.kind === 'deploy' ? 'deployed' : 'rolled-back';
  await record(run, outcome, null);
  return resultOf(run, outcome, null);
}

/** What is left to do after a switch: every instance beside the live ones is one that lost its traffic. */
function planFinish(definition: ReleaseDefinition, observed: Observed): ReleasePlan {
  const steps: PlanStep[] = idleAndRunning(definition, observed).flatMap(({ service, slot }) => [
    { id: `drain:${service}`, kind: 'drain', service, summary: `drain ${service} in ${slot}`, irreversible: false },
    { id: `stop:${service}`, kind: 'stop', service, summary: `stop ${service} in ${slot}`, irreversible: false },
  ]);
  steps.push({ id: 'record', kind: 'record', summary: 'record the release', irreversible: false });
  const base = planRelease({
    environment: definition.environment,
    kind: definition.kind,
    services: definition.services,
    unwanted: [],
    observed,
    live: [],
    pendingMigrations: {},
    waitingMigrations: {},
  });
  return { ...base, hash: definition.planHash, steps };
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
