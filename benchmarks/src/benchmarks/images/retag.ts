import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openOciImageStore } from '@maestro/image-store/oci';

import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { locationIn, type Place } from './place.ts';
import { randomImage } from './random-image.ts';

export interface RetagOptions {
  readonly imageBytes: number;
  /** How many tags of releases the repository has besides. */
  readonly releases: number;
}

export interface Retagging {
  /** Each moves a tag of its own to the other one of two images, and returns how long that took. */
  readonly ours: () => Promise<number>;
  readonly docker: () => Promise<number>;
  /** With an engine that does not hold the image, as on a machine that has nothing to do with it but this. */
  readonly dockerElsewhere: () => Promise<number>;
}

interface TaggedImage {
  readonly tag: string;
  readonly digest: string;
}

const size = { imageBytes: 30_000_000, releases: 20 };

/** Moving a tag from one image of a repository to another. */
export async function retag(place: Place, { pair, quick }: Context): Promise<void> {
  const { ours, docker, dockerElsewhere } = await prepareRetagging(place, size);
  const common = { unit: 'ms', ours, bar: { of: 'ratio', atMost: 0.1 } } as const;
  await pair({
    ...common,
    name: 'retag',
    rounds: quick ? 20 : 30,
    peer: { name: 'docker pull, tag, push', measure: docker },
  });
  await pair({
    ...common,
    name: 'retag, image not in the engine',
    rounds: quick ? 2 : 10,
    peer: { name: 'docker pull, tag, push', measure: dockerElsewhere },
  });
}

export async function prepareRetagging(place: Place, { imageBytes, releases }: RetagOptions): Promise<Retagging> {
  const { location, repository, reference } = locationIn(place, 'retag');
  const store = openOciImageStore(location);
  const { docker, api, signal } = place;
  const images: TaggedImage[] = [];
  for (const tag of ['one', 'two']) {
    await pushByEngine(place, `${reference}:${tag}`, imageBytes);
    images.push({ tag, digest: (await store.resolve({ repository, reference: tag }, { signal }))?.digest ?? '' });
  }
  await Promise.all(
    Array.from({ length: releases }, (_, index) => {
      const tag = `production-${String(index).padStart(7, '0')}`;
      return store.retag({ repository, digest: images[index % 2]?.digest ?? '', tag }, { signal });
    }),
  );

  const moving = (
    moved: string,
    move: (image: TaggedImage) => Promise<unknown>,
    before: (image: TaggedImage) => Promise<unknown> = () => Promise.resolve(),
  ) => {
    let turn = 0;
    return async () => {
      const image = images[turn % 2] ?? { tag: '', digest: '' };
      turn += 1;
      await before(image);
      const ms = await elapsedMs(() => move(image));
      const found = await store.resolve({ repository, reference: moved }, { signal });
      if (found?.digest !== image.digest) throw notMoved(`${reference}:${moved}`, image.digest, found?.digest);
      return ms;
    };
  };
  const byDocker =
    (moved: string) =>
    async ({ tag }: TaggedImage) => {
      await docker.run(['pull', '--quiet', `${reference}:${tag}`]);
      await docker.run(['tag', `${reference}:${tag}`, `${reference}:${moved}`]);
      await docker.run(['push', '--quiet', `${reference}:${moved}`]);
    };
  return {
    ours: moving('ours', ({ digest }) => store.retag({ repository, digest, tag: 'ours' }, { signal })),
    docker: moving('docker', byDocker('docker')),
    dockerElsewhere: moving('elsewhere', byDocker('elsewhere'), async ({ tag }) => {
      const { Id } = await api.getImage(`${reference}:${tag}`).inspect();
      await api.getImage(Id).remove({ force: true });
    }),
  };
}

/** So that the engine, which has no other way to send a tag, pushes the very same image afterwards. */
async function pushByEngine(place: Place, name: string, bytes: number): Promise<void> {
  const file = join(place.folder, 'layer.tar');
  await writeFile(file, (await randomImage('layer', bytes)).layer.contents);
  // What is built stays in the engine's cache when the image goes.
  await place.docker.run(['import', file, name]);
  await place.docker.run(['push', '--quiet', name]);
}

function notMoved(tag: string, expected: string, found: string | undefined): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', `${tag} is ${found ?? 'nowhere'}, expected ${expected}`, {
    hint: 'find out why before comparing times',
  });
}
