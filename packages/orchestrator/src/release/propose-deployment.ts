import { type Generation, liveSlot } from '@maestro/bluegreen';
import { type ResolvedService, selectServices } from '@maestro/registry';
import { prepareSecrets } from '@maestro/secrets';
import { join } from 'node:path';

import type { PlanOptions } from '../environment.ts';
import { type PlanReleaseInput, planRelease, type ReleasePlan } from '../plan/plan-release.ts';
import { concurrently } from './concurrently.ts';
import type { Assembled, Parts } from './parts.ts';
import { pendingMigrations } from './pending-migrations.ts';
import { configHashOf, type ServiceDefinition } from './release-definition.ts';

/** A deployment thought through to the end, with nothing done yet. */
export interface ProposedDeployment {
  readonly plan: ReleasePlan;
  readonly services: readonly ServiceDefinition[];
  readonly unwanted: readonly string[];
  readonly assembled: ReadonlyMap<string, Assembled>;
}

/** Computes what a deployment of these services would do, from git, the registry, the secrets' versions and what runs. */
export async function proposeDeployment(
  parts: Parts,
  { services: names, ref }: PlanOptions,
  signal: AbortSignal,
): Promise<ProposedDeployment> {
  const { environment } = parts;
  const selected = selectServices(environment.services, names);
  const observed = await parts.blueGreen().observe({ signal });

  const assembled = new Map(
    await concurrently(selected, signal, async (service, inner) => {
      return [service.name, await parts.assemble(service, { ref, signal: inner })] as const;
    }),
  );
  const versions = await secretVersions(parts, selected, signal);
  const fresh = selected.flatMap((service) => {
    const image = assembled.get(service.name);
    if (image === undefined) return [];
    return [defineService(parts, service, image, versions[service.name] ?? {})];
  });
  const kept = await unselected(parts, selected, observed.generation);
  const services = inOrderOf(environment.services, [...fresh, ...kept]);
  const unwanted = names === undefined ? noLongerRegistered(environment.services, observed.generation) : [];

  const pending: Record<string, readonly string[]> = {};
  for (const service of fresh) {
    const image = assembled.get(service.name);
    if (image !== undefined) pending[service.name] = await pendingMigrations(parts, service, image);
  }
  const input: PlanReleaseInput = {
    environment: environment.name,
    kind: 'deploy',
    services,
    unwanted,
    observed,
    pendingMigrations: pending,
  };
  return { plan: planRelease(input), services, unwanted, assembled };
}

async function secretVersions(parts: Parts, services: readonly ResolvedService[], signal: AbortSignal) {
  const needing = services.filter(({ secrets }) => secrets.length > 0).map(({ name, secrets }) => ({ name, secrets }));
  const { secrets: store, clock, logger } = parts;
  if (store === null || needing.length === 0) return {};
  return (await prepareSecrets({ store, services: needing, signal, clock, logger })).versions;
}

function defineService(
  parts: Parts,
  service: ResolvedService,
  { image }: Assembled,
  versions: Readonly<Record<string, string>>,
): ServiceDefinition {
  const { stateFolder } = parts.environment;
  const started = {
    command: service.command,
    environment: service.environment,
    secretVersions: { ...versions },
    database:
      service.database === null
        ? null
        : { ...service.database, file: join(stateFolder, 'data', service.database.file) },
  };
  return {
    name: service.name,
    repository: image.repository,
    image: `${image.repository}:${image.tag}`,
    digest: image.digest,
    revision: image.revision,
    ...started,
    route: service.route === null ? null : { host: service.route.host ?? null, path: service.route.path },
    health: service.health,
    dependsOn: service.dependsOn,
    drainTimeoutMs: service.drainTimeoutMs,
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

function noLongerRegistered(registered: readonly ResolvedService[], generation: Generation | null): readonly string[] {
  const names = new Set(registered.map(({ name }) => name));
  return Object.keys(generation?.slots ?? {}).filter((name) => !names.has(name));
}

function inOrderOf(
  registered: readonly ResolvedService[],
  services: readonly ServiceDefinition[],
): readonly ServiceDefinition[] {
  const position = (name: string) => registered.findIndex((service) => service.name === name);
  return [...services].sort((a, b) => position(a.name) - position(b.name));
}
