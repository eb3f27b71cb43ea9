import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dirname } from 'node:path/posix';

import { ensureBaseImage } from '@maestro/base-images';
import { buildImages, findByInput, type ImageEvent } from '@maestro/image-store';
import { openDockerEngine } from '@maestro/image-store/docker';
import { openOciImageStore } from '@maestro/image-store/oci';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { type BuildGraph, levelsOf, shopGraph } from './build-graph.ts';
import { newGitRepository } from './git-repository.ts';
import { locationIn, type Place } from './place.ts';

export interface BuildsOptions {
  readonly graph: BuildGraph;
  /** What the bases start from; it has a shell. */
  readonly from: string;
  /** What each build waits for: it takes no core. */
  readonly sleepSeconds: number;
}

export interface ParallelBuilds {
  /** Builds everything anew and returns how long that took. */
  readonly ours: () => Promise<number>;
  readonly docker: () => Promise<number>;
  /** Builds the longest chain anew, one after the other, and returns how long these builds took together. */
  readonly criticalPath: () => Promise<number>;
  /** Takes what was built out of the engine. */
  readonly remove: () => Promise<void>;
}

const rounds = 4;

/** Services side by side: how near they come to the longest chain of them alone. */
export async function parallelBuilds(place: Place, { pair, record, quick }: Context): Promise<void> {
  const sleepSeconds = quick ? 2 : 6;
  const onProgress = (line: string) => process.stderr.write(`${line}\n`);
  const { engineAddress: engine, signal } = place;
  const { reference: from } = await ensureBaseImage({ engine, name: 'node', onProgress, signal });
  const builds = await prepareBuilds(place, { graph: shopGraph, from, sleepSeconds });
  const removing = async (build: () => Promise<number>) => {
    const ms = await build();
    await builds.remove();
    return ms;
  };
  const samples: number[] = [];
  const ours = async () => {
    const path = await removing(builds.criticalPath);
    const makespan = await removing(builds.ours);
    samples.push(path / makespan);
    return makespan;
  };
  const peer = { name: 'docker build, level by level', measure: () => removing(builds.docker) };
  // The peer has no bar to meet, and would take a quick run's time from what has.
  if (quick) await ours();
  else await pair({ name: '12 services in parallel', unit: 'ms', rounds, warmUp: false, ours, peer });
  const bar = { of: 'value', atLeast: 0.9 } as const;
  record({ name: 'critical path by makespan', unit: '', samples, statistic: 'median', bar });
}

export async function prepareBuilds(
  place: Place,
  { graph, from, sleepSeconds }: BuildsOptions,
): Promise<ParallelBuilds> {
  const { suite, api } = place;
  const { reference } = locationIn(place, 'parallel');
  // What a step leaves shows whether it has run.
  const steps = [
    'ARG ROUND',
    `RUN sleep ${sleepSeconds} && cat /proc/sys/kernel/random/uuid > /run-id`,
    'COPY . /srv/',
  ];
  const files = [
    ...graph.bases.map((name) => ({ name, base: from })),
    ...graph.services.map(({ name, base }) => ({ name, base: `${suite}-${base}` })),
  ].flatMap(({ name, base }): [string, string][] => [
    [`${name}/Dockerfile`, [`FROM ${base}`, ...steps].join('\n')],
    [`${name}/main.js`, `${suite} ${name}`],
  ]);
  const root = await newGitRepository(place.folder, Object.fromEntries(files));
  const build = oursOf(place, { graph, root });
  return {
    ours: () => elapsedMs(() => build([...graph.bases, ...graph.services.map(({ name }) => name)])),
    docker: () => elapsedMs(() => buildByDocker(place, { graph, root })),
    criticalPath: async () => {
      let ms = 0;
      await build(graph.chain, (event) => {
        if (event.type === 'image-build-finished') ms += event.durationMs;
      });
      return ms;
    },
    remove: async () => {
      const names = [`${suite}-*`, `${dirname(reference)}/*`];
      const built = await api.listImages({ filters: { reference: names } });
      for (const { Id } of built) await api.getImage(Id).remove({ force: true });
    },
  };
}

interface Sources {
  readonly graph: BuildGraph;
  /** Of the git repository with a folder for each image. */
  readonly root: string;
}

/** An argument of each build alone: BuildKit runs a step once for all that have it at the same time, too. */
function newRound(): (name: string) => string {
  const round = randomBytes(8).toString('hex');
  return (name) => `${round}-${name}`;
}

function oursOf(place: Place, { graph: { bases, services }, root }: Sources) {
  const { suite, engine, signal } = place;
  const { location } = locationIn(place, 'parallel');
  const opened = openDockerEngine({ engine, repositories: location });
  const find = findByInput({ engine: opened.store, stores: [openOciImageStore(location)] });
  return (names: readonly string[], onEvent?: (event: ImageEvent) => void) => {
    const roundOf = newRound();
    const recipes = [...bases.map((name) => ({ name, dependsOn: [] })), ...services]
      .filter(({ name }) => names.includes(name))
      .map(({ name, dependsOn }) => ({ name, dependsOn, context: join(root, name), args: { ROUND: roundOf(name) } }));
    return buildImages({
      project: suite,
      environment: 'production',
      services: recipes.filter(({ name }) => !bases.includes(name)),
      bases: recipes.filter(({ name }) => bases.includes(name)),
      builder: opened.builder,
      find,
      allowDirty: false,
      signal,
      onEvent,
    });
  };
}

/** As somebody would write it in a script: each level at once, after the one before it. */
async function buildByDocker({ docker, suite }: Place, { graph, root }: Sources): Promise<void> {
  const roundOf = newRound();
  const build = (name: string) => {
    const named = [`--build-arg=ROUND=${roundOf(name)}`, `--tag=${suite}-${name}`];
    return docker.run(['build', '--quiet', ...named, join(root, name)]);
  };
  for (const level of levelsOf(graph)) await Promise.all(level.map(build));
}
