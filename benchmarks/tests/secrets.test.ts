import { rm } from 'node:fs/promises';

import { FakeSecretsManager, serveSecretsManager } from '@maestro/secrets/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type InstalledProjects, installProjects } from '../src/benchmarks/secrets/projects.ts';

const slowMs = 240_000;
const stack = new AsyncDisposableStack();
let projects: InstalledProjects;

beforeAll(async () => {
  const folders: string[] = [];
  stack.defer(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });
  projects = await installProjects({
    signal: new AbortController().signal,
    onFolder: (folder) => folders.push(folder),
  });
}, slowMs);
afterAll(() => stack.disposeAsync());

it('is what the tarball installs, and no more than three packages beyond what AWS brings', () => {
  expect(projects.client.packages).toBeGreaterThan(5);
  expect(projects.ours.packages).toBe(projects.client.packages + 3);
});

it.each(['maestro', 'powertools', 'cache'] as const)('is read and read from the cache by %s', async (reader) => {
  const fake = new FakeSecretsManager();
  for (let index = 0; index < 30; index += 1) fake.set(`S${index}`, `value of S${index}`);
  const { endpoint } = stack.use(await serveSecretsManager(fake));
  const { ours, powertools, cache } = projects;
  const project = { maestro: ours, powertools, cache }[reader];
  expect((await project.node('readers/fetch.mjs', reader, endpoint, '30')).trim()).toBe('30');
  expect(fake.calls).toHaveLength(reader === 'maestro' ? 2 : 30);
  fake.set('S3', 'another one');
  expect((await project.node('readers/fetch.mjs', reader, endpoint, '30')).trim()).toBe('29');

  fake.calls.length = 0;
  expect(Number(await project.node('readers/read-cached.mjs', reader, endpoint, '1000'))).toBeGreaterThan(0);
  expect(fake.calls).toHaveLength(1);
});
