import { join } from 'node:path';

import { buildImages, type BuildImagesOptions, findByInput } from '@maestro/image-store';
import { openDockerEngine } from '@maestro/image-store/docker';
import { openOciImageStore } from '@maestro/image-store/oci';

import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { newGitRepository, randomFiles } from './git-repository.ts';
import { locationIn, type Place } from './place.ts';

export interface SkipOptions {
  readonly files: number;
  readonly fileBytes: number;
}

export interface Skipping {
  /** Each finds out that there is nothing to build, and returns how long that took. */
  readonly workingTree: () => Promise<number>;
  readonly commit: () => Promise<number>;
  readonly docker: () => Promise<number>;
}

const size = { files: 5_000, fileBytes: 2_000 };

/** Finding out that the image of a service is there already. */
export async function skipUnchanged(place: Place, { pair, quick }: Context): Promise<void> {
  const { workingTree, commit, docker } = await prepareSkipping(place, size);
  const common = {
    unit: 'ms',
    rounds: quick ? 4 : 20,
    peer: { name: 'docker build', measure: docker },
    bar: { of: 'value', atMost: 300 },
  } as const;
  await pair({ ...common, name: 'skip, working tree', ours: workingTree });
  await pair({ ...common, name: 'skip, commit', ours: commit });
}

export async function prepareSkipping(place: Place, { files, fileBytes }: SkipOptions): Promise<Skipping> {
  const { suite, labels, engine, folder, docker, signal } = place;
  const { location, reference } = locationIn(place, 'skip');
  const root = await newGitRepository(folder, {
    'services/api/Dockerfile': 'FROM scratch\nCOPY . /srv\n',
    ...randomFiles('services/api/src', files, fileBytes),
  });
  const context = join(root, 'services', 'api');
  const opened = openDockerEngine({ engine, repositories: location });
  const store = openOciImageStore(location);
  const options: BuildImagesOptions = {
    project: suite,
    environment: 'production',
    services: [{ name: 'api', context }],
    builder: opened.builder,
    find: findByInput({ engine: opened.store, stores: [store] }),
    allowDirty: false,
    signal,
  };
  for (const { repository, tag } of await buildImages(options))
    await opened.engine.push({ repository, tag }, { signal });

  const skip = async (ref: string | undefined) => {
    const images = await buildImages({ ...options, ref });
    if (images.some(({ built }) => built)) throw built();
  };
  const build = () => docker.run(['build', '--quiet', ...labels, `--tag=${reference}:docker`, context]);
  const first = await build();
  return {
    workingTree: () => elapsedMs(() => skip(undefined)),
    commit: () => elapsedMs(() => skip('HEAD')),
    docker: () =>
      elapsedMs(async () => {
        if ((await build()) !== first) throw built();
      }),
  };
}

function built(): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', 'an image was built although nothing had changed', {
    hint: 'find out why before comparing times',
  });
}
