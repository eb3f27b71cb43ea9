import { join } from 'node:path';

import { type InstanceKey, slotName } from '@maestro/bluegreen';
import type { Observer } from '@maestro/core';
import type { MigrationEvent } from '@maestro/migrations';
import { refuseUnsafePlan } from '@maestro/migrations/lint';
import type { ReleaseStage } from '@maestro/registry';
import { prepareSecrets } from '@maestro/secrets';

import { runGates } from '../gates/run-gates.ts';
import { stage } from '../hooks/run-hooks.ts';
import type { ReleaseDatabase } from '../migrations/release-database.ts';
import { concurrently } from './concurrently.ts';
import { endFirst } from './end-first.ts';
import { instanceSpec } from './instance-spec.ts';
import { liveServices } from './live-services.ts';
import type { ServiceDefinition } from './release-definition.ts';
import type { AssembledImages } from './release-images.ts';
import type { ReleaseRun } from './release-run.ts';
import { runJob } from './run-job.ts';
import { scrubInstance } from './scrub-instance.ts';
import { type InSlot, topologyMeanwhile, topologyOf } from './topology.ts';

/** Everything before the first request that a new version gets. All of it can be undone. */
export async function bringUp(run: ReleaseRun, assembled: AssembledImages, signal: AbortSignal): Promise<void> {
  const changed = run.changed();
  const within = (name: ReleaseStage, work: () => Promise<unknown>) => stage(run, name, { signal, work });
  await within('images', () =>
    concurrently(changed, signal, (service, inner) => bringImage(run, service, { assembled, signal: inner })),
  );
  await within('scan', () => judgeImages(run, changed, signal));
  await within('gates', () => runGates(run, 'images', signal));
  await makeReachable(run, signal);
  await within('secrets', () => fetchSecrets(run, changed, signal));
  await within('migrate', async () => {
    await checkMigrations(run, changed, signal);
    await concurrently(changed, signal, (service, inner) => migrate(run, service, inner));
  });
  await within('start', async () => {
    await startAll(run, signal);
    await runGates(run, 'probe', signal);
  });
}

/** Wave by wave, in each its jobs first: a job that fails must not find that anybody was taken out of the traffic. */
async function startAll(run: ReleaseRun, signal: AbortSignal): Promise<void> {
  const moved = run.moved();
  const jobs = run.jobs();
  let ended = false;
  for (const wave of run.plan.waves) {
    const isInWave = ({ name }: ServiceDefinition) => wave.includes(name);
    await concurrently(jobs.filter(isInWave), signal, (service, inner) => runJob(run, service, inner));
    const services = moved.filter(isInWave);
    if (services.length > 0 && !ended) {
      await endFirst(run, signal);
      ended = true;
    }
    await concurrently(services, signal, async (service, inner) => {
      await startInstance(run, service, inner);
      await probeInstance(run, service, inner);
    });
  }
}

/** Only a deployment has a step for it: what is returned to is kept already. */
async function bringImage(
  run: ReleaseRun,
  service: ServiceDefinition,
  { assembled, signal }: { readonly assembled: AssembledImages; readonly signal: AbortSignal },
): Promise<void> {
  const { images } = run.parts;
  const id = `image:${service.name}`;
  const work = { say: sayIn(run, id), signal };
  if (run.has(id)) {
    await run.step(id, () => images.store(service, { assembled: assembled.get(service.name) ?? null, ...work }));
  } else {
    await images.fetch(service, work);
  }
}

function sayIn(run: ReleaseRun, stepId: string): (message: string) => void {
  return (message) => {
    run.say(stepId, message);
  };
}

async function judgeImages(run: ReleaseRun, changed: readonly ServiceDefinition[], signal: AbortSignal): Promise<void> {
  const { judge } = run.parts.images;
  const say = sayIn(run, 'scan');
  await run.step('scan', async () =>
    judge?.(
      changed.filter(({ name }) => run.has(`image:${name}`)),
      { say, signal },
    ),
  );
}

/** New services get their addresses; what is live keeps its routes until the switch, also what is to go or to move. */
async function makeReachable(run: ReleaseRun, signal: AbortSignal): Promise<void> {
  const { parts, definition } = run;
  await parts.ensureRunning(signal);
  const live = await liveServices(parts, run.generation);
  const topology = topologyMeanwhile(parts.environment, live, { services: definition.services, moves: run.plan.moves });
  const reach = async () => {
    run.addresses = await run.blueGreen.reach(topology, { signal });
  };
  if (run.has('reload')) await run.step('reload', reach);
  else await reach();
}

/** After the switch: the routes of the release, and none of what it took away; what loses its traffic is drained first. */
export async function settleRoutes(run: ReleaseRun, leaving: readonly InstanceKey[]): Promise<void> {
  const { parts, definition } = run;
  const before = definition.previous === null ? [] : (await parts.definitions.read(definition.previous)).services;
  const old = leaving.flatMap(({ service: name, slot }): InSlot[] => {
    const service = before.find((one) => one.name === name);
    return service === undefined ? [] : [{ service, slot }];
  });
  await run.blueGreen.reach(topologyOf(parts.environment, definition.services, old));
}

/** The values in the versions the plan was made with: one that was rotated in between is another plan. */
async function fetchSecrets(
  run: ReleaseRun,
  changed: readonly ServiceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const { secrets: store, logger, clock } = run.parts;
  const needing = changed
    .filter(({ name, strategy }) => strategy.kind === 'job' || run.moveOf(name)?.kind === 'start')
    .map(({ name, secrets }) => ({ name, secrets }))
    .filter(({ secrets }) => secrets.length > 0);
  if (store === null || needing.length === 0) return;
  const versions = Object.fromEntries(changed.map(({ name, secretVersions }) => [name, secretVersions]));
  await run.step('secrets', async () => {
    const prepared = await prepareSecrets({ store, services: needing, versions, signal, logger, clock });
    for (const { name } of needing) run.secrets.set(name, prepared.forService(name));
  });
}

/** Before any database is touched: one that cannot be migrated, or safely, must not be found after others were. */
async function checkMigrations(
  run: ReleaseRun,
  changed: readonly ServiceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const migrated = changed.filter(({ name }) => run.plan.steps.some(({ id }) => id === `migrate:${name}`));
  await concurrently(migrated, signal, async (service, inner) => {
    const { name, database } = service;
    if (database === null) return;
    const folder = await migrationsFolder(run, service, database);
    await using migrations = await run.parts.migrations({ service: name, folder, database, signal: inner });
    const plan = await migrations.plan({ phase: 'expand', signal: inner });
    await refuseUnsafePlan({ plan, folder, dialect: database.adapter, signal: inner });
  });
}

async function migrate(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const { name, database } = service;
  const id = `migrate:${name}`;
  await run.step(id, async () => {
    if (database === null) return;
    const onEvent: Observer<MigrationEvent> = (event) => {
      if (event.type === 'migration-applied') run.say(id, `${name}: applied ${event.name}`);
    };
    const folder = await migrationsFolder(run, service, database);
    await using migrations = await run.parts.migrations({ service: name, folder, database, onEvent, signal });
    // What contracts waits until nobody can switch back to the version before.
    await migrations.run({ phase: 'expand', signal });
  });
}

async function migrationsFolder(
  { parts, id }: ReleaseRun,
  service: ServiceDefinition,
  { migrations }: ReleaseDatabase,
): Promise<string> {
  return join(await parts.images.files(service, id), migrations);
}

async function startInstance(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const { name, stopTimeoutMs } = service;
  await run.step(`start:${name}`, async () => {
    const move = run.moveOf(name);
    if (move?.kind !== 'start') throw new Error(`the plan does not start ${name}`);
    const { slot } = move;
    if (move.replaces !== null) {
      await run.blueGreen.stop({ service: name, slot, timeoutMs: stopTimeoutMs }, { signal });
    }
    const addresses = run.addresses?.services ?? {};
    const secrets = run.secrets.get(name) ?? {};
    await run.blueGreen.start(instanceSpec({ release: run.id, slot, service, addresses, secrets }), { signal });
  });
}

async function probeInstance(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const { name, health, route, strategy } = service;
  await run.step(`probe:${name}`, async () => {
    const move = run.moveOf(name);
    if (move === undefined) throw new Error(`the plan does not move ${name}`);
    await run.blueGreen.probe({
      service: name,
      slot: move.slot,
      check: health,
      host: route?.host ?? null,
      traffic: strategy.kind !== 'worker',
      scrub: scrubInstance(run, service),
      signal,
    });
    run.parts.logger.debug('an instance is healthy', { instance: slotName(move) });
  });
}
