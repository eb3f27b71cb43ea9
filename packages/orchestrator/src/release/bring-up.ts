import { join } from 'node:path';

import { type Move, slotName } from '@maestro/bluegreen';
import type { Observer } from '@maestro/core';
import type { AssembledImage } from '@maestro/image-store';
import type { MigrationEvent, Migrations } from '@maestro/migrations';
import { createScrubber, prepareSecrets } from '@maestro/secrets';

import { OrchestratorError } from '../errors.ts';
import { concurrently } from './concurrently.ts';
import { instanceVariables } from './instance-variables.ts';
import { liveServices } from './live-services.ts';
import type { ServiceDefinition } from './release-definition.ts';
import type { ReleaseRun } from './release-run.ts';

/** Images by service; empty where a release is finished or returned to and its images are stored already. */
export type AssembledImages = ReadonlyMap<string, AssembledImage>;

/** Everything before the switch. Nothing here touches what receives traffic, so all of it can be undone. */
export async function bringUp(run: ReleaseRun, assembled: AssembledImages, signal: AbortSignal): Promise<void> {
  const moved = movedServices(run);
  await concurrently(moved, signal, (service) => storeImage(run, service, assembled));
  await makeReachable(run, signal);
  await fetchSecrets(run, moved, signal);
  await checkMigrations(run, moved, signal);
  await concurrently(moved, signal, (service, inner) => migrate(run, service, inner));
  for (const wave of run.plan.waves) {
    const services = moved.filter(({ name }) => wave.includes(name));
    await concurrently(services, signal, async (service, inner) => {
      await startInstance(run, service, inner);
      await probeInstance(run, service, inner);
    });
  }
}

async function storeImage(run: ReleaseRun, service: ServiceDefinition, assembled: AssembledImages): Promise<void> {
  const { images } = run.parts;
  const { repository, digest } = service;
  await run.step(`image:${service.name}`, async () => {
    const image = assembled.get(service.name);
    if (image !== undefined) await images.put(image);
    else await moveLatest(run, service);
  });
  if ((await images.resolve({ repository, reference: digest })) === undefined) {
    throw new OrchestratorError('ORCHESTRATOR_IMAGE_MISSING', `the image ${service.image} (${digest}) is not stored`, {
      hint: 'maestro abort, then deploy the commit again: a rollback or resume never builds',
      details: { service: service.name, image: service.image, digest },
    });
  }
}

/** An image that was stored for an earlier release is the latest again. */
async function moveLatest(run: ReleaseRun, { repository, digest }: ServiceDefinition): Promise<void> {
  const { images } = run.parts;
  if ((await images.resolve({ repository, reference: digest })) === undefined) return;
  await images.retag({ repository, digest, tag: 'latest' });
}

/** New services get their addresses; what is live keeps its routes until the switch, also what is to go or to move. */
async function makeReachable(run: ReleaseRun, signal: AbortSignal): Promise<void> {
  const { parts, definition } = run;
  await parts.ensureRunning(signal);
  const { generation } = await run.blueGreen.observe({ signal });
  const live = await liveServices(parts, generation);
  const names = new Set(live.map(({ name }) => name));
  run.addresses = await reach(run, [...live, ...definition.services.filter(({ name }) => !names.has(name))], signal);
}

/** After the switch: the routes of the release, and none of what it took away. */
export async function settleRoutes(run: ReleaseRun): Promise<void> {
  await reach(run, run.definition.services);
}

function reach(run: ReleaseRun, services: readonly ServiceDefinition[], signal?: AbortSignal) {
  return run.blueGreen.reach(
    { listen: run.parts.environment.proxy, services: services.map(({ name, route }) => ({ name, route })) },
    { signal },
  );
}

/** The values in the versions the plan was made with: one that was rotated in between is another plan. */
async function fetchSecrets(run: ReleaseRun, moved: readonly ServiceDefinition[], signal: AbortSignal): Promise<void> {
  const { secrets: store, logger, clock } = run.parts;
  const needing = moved
    .filter(({ name }) => moveOf(run, name)?.kind === 'start')
    .map(({ name, secrets }) => ({ name, secrets }))
    .filter(({ secrets }) => secrets.length > 0);
  if (store === null || needing.length === 0) return;
  const versions = Object.fromEntries(moved.map(({ name, secretVersions }) => [name, secretVersions]));
  await run.step('secrets', async () => {
    const prepared = await prepareSecrets({ store, services: needing, versions, signal, logger, clock });
    for (const { name } of needing) run.secrets.set(name, prepared.forService(name));
  });
}

/** Before any database is touched: one that cannot be migrated must not be found after others were. */
async function checkMigrations(
  run: ReleaseRun,
  moved: readonly ServiceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const migrated = moved.filter(({ name }) => run.plan.steps.some(({ id }) => id === `migrate:${name}`));
  await concurrently(migrated, signal, async (service, inner) => {
    await using migrations = await openMigrations(run, service, { signal: inner });
    await migrations?.plan({ phase: 'expand', signal: inner });
  });
}

async function migrate(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const id = `migrate:${service.name}`;
  await run.step(id, async () => {
    const onEvent: Observer<MigrationEvent> = (event) => {
      if (event.type === 'migration-applied') run.say(id, `${service.name}: applied ${event.name}`);
    };
    await using migrations = await openMigrations(run, service, { onEvent, signal });
    // What contracts waits until nobody can switch back to the version before.
    await migrations?.run({ phase: 'expand', signal });
  });
}

async function openMigrations(
  { parts }: ReleaseRun,
  service: ServiceDefinition,
  options: { readonly onEvent?: Observer<MigrationEvent>; readonly signal: AbortSignal },
): Promise<Migrations | null> {
  const { name, database } = service;
  if (database === null) return null;
  const folder = join(await parts.unpack(service), database.migrations);
  return await parts.migrations({ service: name, folder, database, ...options });
}

async function startInstance(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const { name, image, digest, configHash, command, stopTimeoutMs } = service;
  await run.step(`start:${name}`, async () => {
    const move = moveOf(run, name);
    if (move?.kind !== 'start') throw new Error(`the plan does not start ${name}`);
    if (move.replaces !== null) {
      await run.blueGreen.stop({ service: name, slot: move.slot, timeoutMs: stopTimeoutMs }, { signal });
    }
    await run.blueGreen.start(
      {
        service: name,
        slot: move.slot,
        release: run.id,
        image,
        digest,
        configHash,
        command,
        environment: instanceVariables({
          release: run.id,
          slot: move.slot,
          service,
          addresses: run.addresses?.services ?? {},
        }),
        secrets: run.secrets.get(name) ?? {},
      },
      { signal },
    );
  });
}

async function probeInstance(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const { name, health, route } = service;
  await run.step(`probe:${name}`, async () => {
    const move = moveOf(run, name);
    if (move === undefined) throw new Error(`the plan does not move ${name}`);
    await run.blueGreen.probe({
      service: name,
      slot: move.slot,
      check: health,
      host: route?.host ?? null,
      scrub: scrubOf(run, service, move.kind),
      signal,
    });
    run.parts.logger.debug('an instance is healthy', { instance: slotName(move) });
  });
}

/**
 * Takes the release's secrets out of what an instance said. One that was kept warm may know earlier values, which are not
 * at hand: nothing it said is shown.
 */
function scrubOf(run: ReleaseRun, service: ServiceDefinition, move: Move['kind']): (text: string) => string {
  if (move === 'reuse' && service.secrets.length > 0) return () => 'withheld: it may hold a secret';
  const scrubber = createScrubber([...run.secrets.values()].flatMap((secrets) => Object.values(secrets)));
  return (text) => scrubber.scrub(text);
}

/** The services whose traffic will move to another instance. */
function movedServices(run: ReleaseRun): readonly ServiceDefinition[] {
  return run.definition.services.filter(({ name }) => {
    const kind = moveOf(run, name)?.kind;
    return kind === 'start' || kind === 'reuse';
  });
}

function moveOf(run: ReleaseRun, service: string) {
  return run.plan.moves.find((move) => move.service === service);
}
