import { type Generation, liveSlot } from '@maestro/bluegreen';
import type { AssembledImage } from '@maestro/image-store';
import { type ResolvedService, selectServices } from '@maestro/registry';
import { prepareSecrets } from '@maestro/secrets';

import type { PlanOptions } from '../environment.ts';
import { releaseDatabase } from '../migrations/release-database.ts';
import { type PlanReleaseInput, planRelease, type ReleasePlan } from '../plan/plan-release.ts';
import type { AssembledImages } from './bring-up.ts';
import { concurrently } from './concurrently.ts';
import { liveServices } from './live-services.ts';
import type { Assembled, Parts } from './parts.ts';
import { pendingMigrations } from './pending-migrations.ts';
import { configHashOf, type ServiceDefinition } from './release-definition.ts';

/** A deployment thought through to the end, with nothing done yet. */
export interface ProposedDeployment {
  readonly plan: ReleasePlan;
  readonly services: readonly ServiceDefinition[];
  readonly unwanted: readonly string[];
  /** The images to store; those that are stored already are not among them. */
  readonly images: AssembledImages;
}

/** What a deployment found for one service. */
interface Candidate {
  readonly service: ResolvedService;
  readonly assembled: Assembled;
  readonly identity: Pick<AssembledImage, 'tag' | 'digest' | 'revision'>;
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

  const candidates = await concurrently(selected, signal, async (service, inner): Promise<Candidate> => {
    const assembled = await parts.assemble(service, { ref, signal: inner });
    return { service, assembled, identity: await identify(parts, assembled.image) };
  });
  const versions = await secretVersions(parts, selected, signal);
  const fresh = candidates.map((candidate) => defineService(parts, candidate, versions[candidate.service.name] ?? {}));
  const kept = await unselected(parts, selected, observed.generation);
  const services = inOrderOf(environment.services, [...fresh, ...kept]);
  const unwanted = names === undefined ? noLongerRegistered(environment.services, observed.generation) : [];

  const migrations = await concurrently(candidates, signal, async ({ service, assembled }, inner) => {
    return [service.name, await pendingMigrations(parts, service, { assembled, signal: inner })] as const;
  });
  const input: PlanReleaseInput = {
    environment: environment.name,
    kind: 'deploy',
    services,
    unwanted,
    observed,
    live: await liveServices(parts, observed.generation),
    pendingMigrations: Object.fromEntries(migrations.map(([name, { pending }]) => [name, pending])),
    waitingMigrations: Object.fromEntries(migrations.map(([name, { waiting }]) => [name, waiting])),
  };
  const toStore = candidates.filter(({ assembled, identity }) => assembled.image.digest === identity.digest);
  const images = new Map(toStore.map(({ service, assembled }) => [service.name, assembled.image]));
  return { plan: planRelease(input), services, unwanted, images };
}

/**
 * A stored image of the same files stands for the new one: a commit that changes nothing of a service, such as one to
 * its neighbour in the same repository, restarts nothing of it.
 */
export async function identify({ images }: Parts, image: AssembledImage): Promise<Candidate['identity']> {
  const stored = await images.list({ repository: image.repository });
  // What was shipped from a working tree before it was committed stays marked as such; the commit gets its own image.
  const same = stored.find(
    ({ inputHash, revision }) => inputHash === image.inputHash && (image.dirty || !revision.endsWith('-dirty')),
  );
  const tag = same?.tags.find((name) => name !== 'latest');
  return same === undefined || tag === undefined ? image : { tag, digest: same.digest, revision: same.revision };
}

async function secretVersions(parts: Parts, services: readonly ResolvedService[], signal: AbortSignal) {
  const needing = services.filter(({ secrets }) => secrets.length > 0).map(({ name, secrets }) => ({ name, secrets }));
  const { secrets: store, clock, logger } = parts;
  if (store === null || needing.length === 0) return {};
  return (await prepareSecrets({ store, services: needing, signal, clock, logger })).versions;
}

function defineService(
  parts: Parts,
  { service, assembled, identity }: Candidate,
  versions: Readonly<Record<string, string>>,
): ServiceDefinition {
  const { repository } = assembled.image;
  const started = {
    // The registry checks that every service of an embedded environment has one.
    command: [...(service.command ?? [])],
    environment: service.environment,
    secrets: [...service.secrets],
    secretVersions: { ...versions },
    database: service.database === null ? null : releaseDatabase(service.database, parts.environment),
  };
  return {
    name: service.name,
    repository,
    image: `${repository}:${identity.tag}`,
    digest: identity.digest,
    revision: identity.revision,
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
