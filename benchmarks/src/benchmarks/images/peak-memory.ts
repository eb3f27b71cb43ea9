import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { openOciImageStore } from '@maestro/image-store/oci';

import type { Context } from '../../benchmark.ts';
import { newGitRepository, randomFiles } from './git-repository.ts';
import { type MemoryStep, memorySteps, type MemoryWork } from './memory-work.ts';
import { followPeak } from './peak-of-process.ts';
import { locationIn, type Place } from './place.ts';
import { randomImage } from './random-image.ts';

export interface MemoryOptions {
  readonly files: number;
  readonly fileBytes: number;
  readonly layerBytes: number;
}

/** The most memory that a process has had, in megabytes, of those that do all steps. */
export interface Memory {
  /** One process for all of them, with the settings of `maestro`. */
  readonly ours: () => Promise<number>;
  /** The same without, as in a script of somebody's. */
  readonly oursInScript: () => Promise<number>;
  /** Commands of docker, at least one for each. */
  readonly docker: () => Promise<number>;
}

const full = { files: 5_000, fileBytes: 2_000, layerBytes: 300_000_000 };
const small = { files: 1_000, fileBytes: 2_000, layerBytes: 100_000_000 };
const deadlineMs = 300_000;

/** The most memory that ours takes to build, push, pull, retag, copy between repositories and save to a file. */
export async function peakMemory(place: Place, { pair, quick }: Context): Promise<void> {
  const { ours, oursInScript, docker } = await prepareMemory(place, quick ? small : full);
  // Published packages are compiled; from sources the first run compiles, and leaves the code for those that count.
  await ours();
  const peer = { name: 'docker', measure: docker };
  const common = { unit: 'MB', rounds: quick ? 1 : 4, warmUp: false, peer } as const;
  await pair({ ...common, name: 'peak memory, as maestro', ours, bar: { of: 'value', atMost: 150 } });
  // How far a script lets its memory grow is its own choice; this is what V8 chooses.
  await pair({ ...common, name: 'peak memory, in a script', ours: oursInScript });
}

export async function prepareMemory(place: Place, { files, fileBytes, layerBytes }: MemoryOptions): Promise<Memory> {
  const { suite, engine, folder, docker, signal } = place;
  const { location, repository, reference } = locationIn(place, 'memory');
  const root = await newGitRepository(folder, {
    'api/Dockerfile': 'FROM scratch\nARG ROUND\nLABEL round=$ROUND\nCOPY . /srv\n',
    ...randomFiles('api/src', files, fileBytes),
  });
  const context = join(root, 'api');
  const file = join(folder, 'saved.tar');
  const image = await randomImage(repository, layerBytes);
  await openOciImageStore(location).put(image, { signal });
  const large = { digest: image.digest, sizeBytes: layerBytes };
  const largeReference = `${reference}@${image.digest}`;
  // Its layer comes from the repository once, not in each round.
  await docker.run(['pull', '--quiet', largeReference]);

  const job = ({ tag, copyTo }: Round, asMaestro: boolean) => {
    const to = locationIn(place, copyTo).location;
    const work = {
      steps: memorySteps,
      asMaestro,
      project: suite,
      repository,
      engine,
      location,
      copyTo: to,
      context,
      tag,
      large,
      folder,
    };
    return peakOfJob(work, signal);
  };
  const peakOfDocker = async (step: MemoryStep, { tag, copyTo }: Round) => {
    const copy = `${locationIn(place, copyTo).reference}:${tag}`;
    const commands = dockerCommands({ built: `${reference}:${tag}`, context, tag, large: largeReference, copy, file });
    const peaks: Promise<number>[] = [];
    for (const command of commands[step]) await docker.run(command, (pid) => peaks.push(followPeak(pid)));
    return Math.max(...(await Promise.all(peaks)));
  };
  const measured = async (measure: (round: Round) => Promise<number>) => {
    const tag = randomBytes(8).toString('hex');
    const bytes = await measure({ tag, copyTo: `copy-${tag}` });
    await rm(file);
    return bytes / 1e6;
  };
  return {
    ours: () => measured((round) => job(round, true)),
    oursInScript: () => measured((round) => job(round, false)),
    docker: () => measured((round) => largestOf((step) => peakOfDocker(step, round))),
  };
}

interface Round {
  /** Of this round alone. */
  readonly tag: string;
  /** The namespace that the large image is copied to. */
  readonly copyTo: string;
}

async function largestOf(measure: (step: MemoryStep) => Promise<number>): Promise<number> {
  const peaks: number[] = [];
  for (const step of memorySteps) peaks.push(await measure(step));
  return Math.max(...peaks);
}

function dockerCommands({
  built,
  context,
  tag,
  large,
  copy,
  file,
}: Readonly<Record<'built' | 'context' | 'tag' | 'large' | 'copy' | 'file', string>>): Readonly<
  Record<MemoryStep, readonly (readonly string[])[]>
> {
  const push = (name: string) => ['push', '--quiet', name];
  return {
    build: [['build', '--quiet', `--build-arg=ROUND=${tag}`, `--tag=${built}`, context]],
    push: [push(built)],
    pull: [
      ['image', 'rm', built],
      ['pull', '--quiet', built],
    ],
    retag: [['tag', built, `${built}-again`], push(`${built}-again`)],
    copy: [['tag', large, copy], push(copy)],
    save: [['save', `--output=${file}`, copy]],
  };
}

/** In bytes. The compiled code is kept beside what is worked on, and goes with it. */
async function peakOfJob(work: MemoryWork, signal: AbortSignal): Promise<number> {
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const program = join(import.meta.dirname, 'memory-job.ts');
  const env = { ...process.env, NODE_COMPILE_CACHE: join(work.folder, 'compiled') };
  const options = { env, signal, timeout: deadlineMs };
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, JSON.stringify(work)], options);
  return Number(stdout);
}
