import { type Generation, liveSlot, type Observed } from '@maestro/bluegreen';
import {
  type AffectedService,
  type ResolvedEnvironment,
  type ResolvedService,
  selectServices,
} from '@maestro/registry';
import { prepareSecrets } from '@maestro/secrets';

import { affectedSince } from '../affected/affected-since.ts';
import type { PlanOptions } from '../environment.ts';
import { releaseDatabase } from '../migrations/release-database.ts';
import type { ReleaseCalls, ReleasePlan } from '../plan/plan-release.ts';
import { noContainerUser } from '../secrets/errors.ts';
import { concurrently } from './concurrently.ts';
import { releasedServices } from './live-services.ts';
import type { Parts } from './parts.ts';
import { pendingMigrations } from './pending-migrations.ts';
import { planWithReload } from './plan-with-reload.ts';
import { proposedCalls } from './proposed-calls.ts';
import { configHashOf, type ReleaseTrial, type ServiceDefinition, unbuiltDigest } from './release-definition.ts';
import type { ProposedImage } from './release-images.ts';
import type { Scripts } from './release-run.ts';

/** A deployment thought through to the end, with nothing done yet. */
export interface ProposedDeployment {
  readonly plan: ReleasePlan;
  readonly services: readonly ServiceDefinition[];
  readonly unwanted: readonly string[];
  readonly images: readonly ProposedImage[];
  readonly trial: ReleaseTrial;
  readonly calls: ReleaseCalls;
  /** What was chosen by what changed; undefined where that was not asked for. */
  readonly affected: readonly AffectedService[] | undefined;
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
  const affected = await affectedServices(parts, options, signal);
  const selected = selectServices(environment.services, names).filter(
    ({ name }) => affected?.some((service) => service.name === name) ?? true,
  );
  refuseUnknownUsers(environment, selected);
  const [observed, images] = await Promise.all([
    parts.blueGreen().observe({ signal }),
    parts.images.propose(selected, { ref, signal }),
  ]);
  const versions = await secretVersions(parts, selected, signal);
  const migrations = await concurrently(images, signal, async (image, inner) => {
    return [image.service.name, await pendingMigrations(parts, image, inner)] as const;
  });
  const found = new Map(migrations);
  const fresh = images.map((image) =>
    defineService(parts, image, {
      versions: versions[image.service.name] ?? {},
      migrations: found.get(image.service.name)?.known ?? [],
    }),
  );
  const unwanted = names === undefined ? noLongerRegistered(environment.services, observed) : [];
  const kept = (await unselected(parts, selected, observed.generation)).filter(({ name }) => !unwanted.includes(name));
  const services = inOrderOf(environment.services, [...fresh, ...kept]);
  const released = await releasedServices(parts, observed.generation);
  const input = {
    environment: environment.name,
    kind: 'deploy',
    services,
    unwanted,
    observed,
    live: released.filter(({ name }) => liveSlot(observed.generation, name) !== undefined),
    before: released,
    pendingMigrations: Object.fromEntries(migrations.map(([name, { pending }]) => [name, pending])),
    waitingMigrations: Object.fromEntries(migrations.map(([name, { waiting }]) => [name, waiting])),
    judged: parts.images.judge !== null,
    trial,
  } as const;
  const jobs = fresh.filter(({ strategy }) => strategy.kind === 'job');
  const calls = proposedCalls({
    environment,
    input,
    jobs: jobs.map(({ name }) => name),
    changedJobs: jobs.filter((job) => !hasRun(job, released)).map(({ name }) => name),
    scripts: scriptsOf(options),
  });
  const plan = await planWithReload(parts, { ...input, calls });
  return { plan, services, unwanted, images, trial, affected, calls };
}

/** A release that is live has run its jobs. */
function hasRun({ name, digest, configHash }: ServiceDefinition, released: readonly ServiceDefinition[]): boolean {
  return released.some((one) => one.name === name && one.digest === digest && one.configHash === configHash);
}

/** What the script that deploys or resumes has given. */
export function scriptsOf({ gates = [], hooks = [] }: Pick<PlanOptions, 'gates' | 'hooks'>): Scripts {
  return { gates, hooks };
}

/** Of the services that were asked for. */
async function affectedServices(
  { environment, registryFiles }: Pick<Parts, 'environment' | 'registryFiles'>,
  { affectedSince: since, services: names, ref }: PlanOptions,
  signal: AbortSignal,
): Promise<readonly AffectedService[] | undefined> {
  if (since === undefined) return undefined;
  const found = await affectedSince({ environment, registryFiles, since, ref, signal });
  return found.filter(({ name }) => names?.includes(name) ?? true);
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
  {
    versions,
    migrations,
  }: { readonly versions: Readonly<Record<string, string>>; readonly migrations: readonly string[] },
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
    migrations: [...migrations],
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

/** Services that this deployment leaves alone stay in the release as they are live now; workers and jobs are in no slot. */
async function unselected(
  parts: Parts,
  selected: readonly ResolvedService[],
  generation: Generation | null,
): Promise<readonly ServiceDefinition[]> {
  if (generation === null || selected.length === parts.environment.services.length) return [];
  const names = new Set(selected.map(({ name }) => name));
  const live = await parts.definitions.read(generation.release);
  return live.services.filter(({ name, strategy }) => {
    const isRouted = strategy.kind !== 'worker' && strategy.kind !== 'job';
    return !names.has(name) && (!isRouted || liveSlot(generation, name) !== undefined);
  });
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
