import { rm } from 'node:fs/promises';

import { FakeSecretsManager, serveSecretsManager } from '@maestro/secrets/testing';

import type { Benchmark, Context } from '../../benchmark.ts';
import { cachedReads } from './cached-reads.ts';
import { countedCalls } from './counted-calls.ts';
import { importTimes } from './import-times.ts';
import { installedPackages } from './installed-packages.ts';
import { type InstalledProjects, installProjects, peers, type Service } from './projects.ts';

/** The package as people install it, alone in an empty project, beside two other readers of AWS Secrets Manager. */
export const secrets: Benchmark = {
  peers,
  async run(context) {
    const projects = await openProjects(context);
    installedPackages(projects, context);
    await importTimes(projects, context);
    const service = await openService(context);
    await countedCalls(projects, service, context);
    await cachedReads(projects, service, context);
  },
};

async function openProjects({ stack, signal }: Context): Promise<InstalledProjects> {
  const folders: string[] = [];
  stack.defer(() =>
    Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))).then(() => undefined),
  );
  return installProjects({ signal, onFolder: (folder) => folders.push(folder) });
}

/** The service's imitation with a hundred secrets, which counts what it is asked. */
async function openService({ stack }: Context): Promise<Service> {
  const fake = new FakeSecretsManager();
  const names = Array.from({ length: 100 }, (_, index) => `S${index}`);
  for (const name of names) fake.set(name, `value of ${name}`);
  const { endpoint } = stack.use(await serveSecretsManager(fake));
  return { endpoint, names, calls: () => fake.calls.length };
}
