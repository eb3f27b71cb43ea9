import { type Generation, liveSlot, type Observed } from '@maestro/bluegreen';
import { type ResolvedEnvironment, type ResolvedService, selectServices } from '@maestro/registry';
import { prepareSecrets } from '@maestro/secrets';

import type { PlanOptions } from '../environment.ts';
import { releaseDatabase } from '../migrations/release-database.ts';
import type { ReleasePlan } from '../plan/plan-release.ts';
import { noContainerUser } from '../secrets/errors.ts';
import { concurrently } from './concurrently.ts';
import { liveServices } from './live-services.ts';
import type { Parts } from './parts.ts';
import { pendingMigrations } from './pending-migrations.ts';
import { planWithReload } from './plan-with-reload.ts';
import { configHashOf, type ReleaseTrial, type ServiceDefinition, unbuiltDigest } from './release-definition.ts';
import type { ProposedImage } from './release-images.ts';

/** A deployment thought through to the end, with nothing done yet. */
export interface ProposedDeployment {
  readonly plan: ReleasePlan;
  readonly services: readonly ServiceDefinition[];
  readonly unwanted: readonly string[];
  readonly images: readonly ProposedImage[];
  readonly trial: ReleaseTrial;
}

/** Computes what a deployment of these services would do, from git, the registry, the secrets' versions and what runs. */
export async function proposeDeployment(
  parts: Parts,
  options: PlanOptions,
  signal: AbortSignal,
): Promise<ProposedDeployment> {
  const { environment } = parts;
  const { services: names, ref } = options;
  const trial = trialOf(environment, options);
  const selected = selectServices(environment.services, names);
  refuseUnknownUsers(environment, selected);
  const observed = await parts.blueGreen().observe({ signal });

  const images = await parts.images.propose(selected, { ref, signal });
  const versions = await secretVersions(parts, selected, signal);
  const fresh = images.map((image) => defineService(parts, image, versions[image.service.name] ?? {}));
  const kept = await unselected(parts, selected, observed.generation);
  const services = inOrderOf(environment.services, [...fresh, ...kept]);
  const unwanted = names === undefined ? noLongerRegistered(environment.services, observed) : [];

  const migrations = await concurrently(images, signal, async (image, inner) => {
    return [image.service.name, await pendingMigrations(parts, image, inner)] as const;
  });
  const live = await liveServices(parts, observed.generation);
  const plan = await planWithReload(parts, {
    environment: environment.name,
    kind: 'deploy',
    services,
    unwanted,
    observed,
    live,
    pendingMigrations: Object.fromEntries(migrations.map(([name, { pending }]) => [name, pending])),
    waitingMigrations: Object.fromEntries(migrations.map(([name, { waiting }]) => [name, waiting])),
    judged: parts.images.judge !== null,
    trial,
  });
  return { plan, services, unwanted, images, trial };
}

/** Before anything is done: the files with their secrets must belong to somebody. */
function refuseUnknownUsers({ name }: ResolvedEnvironment, services: readonly ResolvedService[]): void {
  const unknown = services.filter(
    ({ container, secrets, containerUser }) => container !== null && secrets.length > 0 && containerUser === null,
  );
  if (unknown.length > 0)
    throw noContainerUser(
      name,
      unknown.map((service) => service.name),
    );
}

/** What the operator says, else what the registry does. */
function trialOf({ canary, bakeMs, limits }: ResolvedEnvironment, options: PlanOptions): ReleaseTrial {
  return {
    canarySteps: [...(options.canarySteps ?? canary?.steps ?? [])],
    canaryStepMs: canary?.stepMs ?? defaultCanaryStepMs,
    bakeMs: options.bakeMs ?? bakeMs,
    limits: Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)),
  };
}

const defaultCanaryStepMs = 60_000;

async function secretVersions(parts: Parts, services: readonly ResolvedService[], signal: AbortSignal) {
  const needing = services.filter(({ secrets }) => secrets.length > 0).map(({ name, secrets }) => ({ name, secrets }));
  const { secrets: store, clock, logger } = parts;
  if (store === null || needing.length === 0) return {};
  return (await prepareSecrets({ store, services: needing, signal, clock, logger })).versions;
}

function defineService(
  { environment }: Pick<Parts, 'environment'>,
  { service, repository, tag, digest, inputHash, revision }: ProposedImage,
  versions: Readonly<Record<string, string>>,
): ServiceDefinition {
  const { name, command, database, route, container } = service;
  const started = {
    command: [...(command ?? [])],
    environment: service.environment,
    secrets: [...service.secrets],
    secretVersions: { ...versions },
    database: database === null ? null : releaseDatabase({ name, database }, environment),
    container: container === null ? null : { ...container, user: service.containerUser },
  };
  return {
    name,
    repository,
    image: `${repository}:${tag}`,
    digest: digest ?? unbuiltDigest(inputHash),
    revision,
    ...started,
    route: route === null ? null : { host: route.host ?? null, path: route.path },
    health: service.health,
    strategy: service.strategy,
    passing: service.passing,
    canary: service.canary,
    dependsOn: service.dependsOn,
    drainTimeoutMs: service.drainTimeoutMs,
    longLivedTimeoutMs: service.longLivedTimeoutMs ?? null,
    stopTimeoutMs: service.stopTimeoutMs,
    configHash: configHashOf(started),
  };
}

/** Services that this deployment leaves alone stay in the release as they are live now. */
async function unselected(
  parts: Parts,
  selected: readonly ResolvedService[],
  generation: Generation | null,
): Promise<readonly ServiceDefinition[]> {
  if (generation === null || selected.length === parts.environment.services.length) return [];
  const names = new Set(selected.map(({ name }) => name));
  const live = await parts.definitions.read(generation.release);
  return live.services.filter(({ name }) => !names.has(name) && liveSlot(generation, name) !== undefined);
}

/** What receives traffic or runs, and is no service of the registry. */
function noLongerRegistered(
  registered: readonly ResolvedService[],
  { generation, instances }: Observed,
): readonly string[] {
  const names = new Set(registered.map(({ name }) => name));
  const running = instances.filter(({ state }) => state === 'running').map(({ service }) => service);
  return [...new Set([...Object.keys(generation?.slots ?? {}), ...running])].filter((name) => !names.has(name));
}

function inOrderOf(
  registered: readonly ResolvedService[],
  services: readonly ServiceDefinition[],
): readonly ServiceDefinition[] {
  const position = (name: string) => registered.findIndex((service) => service.name === name);
  return [...services].sort((a, b) => position(a.name) - position(b.name));
}
