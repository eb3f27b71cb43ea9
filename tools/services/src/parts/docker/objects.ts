import { MaestroError, messageOf, poll, systemClock } from '@maestro/core';
import type Docker from 'dockerode';

/** Whether a name is a suite's, or begins with one. */
export type IsOfSuite = (name: string) => boolean;

interface EngineObject {
  readonly what: string;
  readonly remove: () => Promise<unknown>;
}

type Find = (engine: Docker, isOfSuite: IsOfSuite) => Promise<readonly EngineObject[]>;

const deadlineMs = 60_000;

/** Removes a suite's containers, networks, volumes and images: in this order nothing is in use any more. */
export async function removeObjects(engine: Docker, isOfSuite: IsOfSuite): Promise<void> {
  for (const find of [findContainers, findNetworks, findVolumes, findImages]) await removeAll(engine, isOfSuite, find);
}

/** Until none is found: the engine refuses what is in use still or being removed already, which passes. */
async function removeAll(engine: Docker, isOfSuite: IsOfSuite, find: Find): Promise<void> {
  let refusal: unknown;
  const { accepted, value } = await poll({
    probe: async () => {
      const found = await find(engine, isOfSuite);
      for (const outcome of await Promise.allSettled(found.map(({ remove }) => remove()))) {
        if (outcome.status === 'fulfilled') continue;
        if (!isAnswer(outcome.reason)) throw outcome.reason;
        refusal = outcome.reason;
      }
      return found;
    },
    accept: (found) => found.length === 0,
    intervalMs: 100,
    deadlineMs,
    clock: systemClock,
  });
  if (accepted) return;
  const what = value?.map((object) => object.what).join(', ') ?? 'what suites left';
  throw new MaestroError('PART_STOP_FAILED', `docker does not let ${what} be removed: ${messageOf(refusal)}`, {
    hint: 'docker ps --all, docker network ls, docker volume ls and docker image ls show what holds it',
    details: { part: 'docker' },
  });
}

/** The engine answered and refused, as opposed to an engine that cannot be reached. */
function isAnswer(error: unknown): error is Error {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

const findContainers: Find = async (engine, isOfSuite) => {
  const containers = await engine.listContainers({ all: true });
  return containers
    .filter(({ Names, Labels, NetworkSettings }) =>
      // One in a suite's network is the suite's too: it would not let the network go.
      [...Names.map(withoutSlash), ...namesIn(Labels), ...Object.keys(NetworkSettings.Networks)].some(isOfSuite),
    )
    .map(({ Id, Names }) => ({
      what: `container ${Names.map(withoutSlash).join(' ')}`,
      remove: () => engine.getContainer(Id).remove({ force: true, v: true }),
    }));
};

const findNetworks: Find = async (engine, isOfSuite) => {
  const networks = await engine.listNetworks();
  return networks
    .filter(({ Name, Labels }) => [Name, ...namesIn(Labels)].some(isOfSuite))
    .map(({ Id, Name }) => ({ what: `network ${Name}`, remove: () => engine.getNetwork(Id).remove() }));
};

const findVolumes: Find = async (engine, isOfSuite) => {
  const { Volumes } = await engine.listVolumes();
  return Volumes.filter(({ Name, Labels }) => [Name, ...namesIn(Labels)].some(isOfSuite)).map(({ Name }) => ({
    what: `volume ${Name}`,
    remove: () => engine.getVolume(Name).remove(),
  }));
};

const findImages: Find = async (engine, isOfSuite) => {
  const images = await engine.listImages();
  return images.flatMap(({ Id, Labels, RepoTags, RepoDigests }) => {
    if (namesIn(Labels).some(isOfSuite)) return [image(engine, Id)];
    // Others may have names for the same image: only the suite's are taken off, and the image goes with the last name.
    return [...(RepoTags ?? []), ...(RepoDigests ?? [])]
      .filter((reference) => isOfSuite(repositoryIn(reference)))
      .map((reference) => image(engine, reference));
  });
};

function image(engine: Docker, reference: string): EngineObject {
  return { what: `image ${reference}`, remove: () => engine.getImage(reference).remove({ force: true }) };
}

function namesIn(labels: Readonly<Record<string, string>> | null | undefined): readonly string[] {
  return [labels?.['maestro.test.suite'], labels?.['maestro.project']].filter((name) => name !== undefined);
}

/** What follows the host in `127.0.0.1:5000/shop/api:1.2`; a first part is a host by its dot, its colon or its name. */
function repositoryIn(reference: string): string {
  return reference.replace(/^(?:localhost|[^/]*[.:][^/]*)\//, '');
}

function withoutSlash(name: string): string {
  return name.replace(/^\//, '');
}
