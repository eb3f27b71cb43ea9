import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Benchmark, Context } from '../../benchmark.ts';
import { npmVersion } from '../../npm-version.ts';
import { affected } from './affected.ts';
import { growth } from './growth.ts';
import { processTimes } from './process-times.ts';

/** Registries of up to 500 services: what they take to load, check and resolve, and to say what a change affects. */
export const registry: Benchmark = {
  // What reads YAML, and what tells where in it something is wrong.
  peers: { 'js-yaml': () => npmVersion('js-yaml'), yaml: () => npmVersion('yaml') },
  async run(context) {
    const folder = await newFolder(context);
    await growth(folder, context);
    await affected(folder, context);
    await processTimes(folder, context);
  },
};

async function newFolder({ stack }: Pick<Context, 'stack'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-registry-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
