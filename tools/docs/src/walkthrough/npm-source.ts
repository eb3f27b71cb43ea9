import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '@maestro/core';
import { openLocalNpmRepository, packPackages } from '@maestro/release';

/** Where readers' `npm install` finds this tree's packages, as they would be published. */
export interface NpmSource extends AsyncDisposable {
  readonly npmrc: string;
  readonly npmCache: string;
}

export interface NpmSourceOptions {
  readonly root: string;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Builds and packs the packages and puts them into an npm repository of this machine's own. */
export async function openNpmSource({ root, clock, say, signal }: NpmSourceOptions): Promise<NpmSource> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'maestro-docs-npm-'));
  opening.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const [tarballs, npmCache] = [join(folder, 'tarballs'), join(folder, 'cache')];
  for (const path of [tarballs, npmCache]) await mkdir(path);
  say('building and packing the packages …');
  const packed = await packPackages({ root, into: tarballs, clock, signal });
  const repository = opening.use(await openLocalNpmRepository({ clock, signal }));
  for (const { tarball } of packed) await repository.publish(tarball);
  const { npmrc } = repository;
  const opened = opening.move();
  return { npmrc, npmCache, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
