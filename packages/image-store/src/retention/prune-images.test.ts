import fc from 'fast-check';
import { expect, it } from 'vitest';

import { assembleImage } from '../image/assemble-image.ts';
import { MemoryImageStore } from '../testing/memory-image-store.ts';
import { MemoryReleaseHistory } from '../testing/memory-release-history.ts';
import { sampleRelease, sampleReleaseId, sampleSource } from '../testing/samples.ts';
import type { ImageReference } from './plan-prune.ts';
import { pruneImages } from './prune-images.ts';

const repository = 'shop-api';
const environments = ['demo', 'production'] as const;
/** The nightly run tries ten thousand operations, others what a second allows. */
const operations = process.env.MAESTRO_NIGHTLY === 'true' ? 10_000 : 1_000;
const operationsARun = 50;

function imageOf(commit: number, environment: string) {
  const committedAt = new Date(Date.UTC(2026, 0, 1, commit)).toISOString();
  return assembleImage({ source: sampleSource({ 'main.js': `${commit}` }, { committedAt }), repository, environment });
}

/** One repository that the histories of two environments refer to. */
class Site {
  readonly store = new MemoryImageStore();
  readonly history = new MemoryReleaseHistory();
  #releases = 0;

  async deploy(commit: number, environment: string, outcome: 'deployed' | 'refused'): Promise<void> {
    const image = await imageOf(commit, environment);
    await this.store.put(image);
    const live = (await this.history.list({ environment, limit: 1_000 })).find((one) => one.outcome === 'deployed');
    const previousHealthy = live?.id ?? null;
    this.#releases += 1;
    const [service] = sampleRelease(0).services;
    if (service === undefined) throw new Error('the sample has a service');
    const services = [{ ...service, digest: image.digest }];
    await this.history.record(
      sampleRelease(this.#releases, {
        environment,
        outcome,
        previousHealthy,
        services,
        id: sampleReleaseId(this.#releases),
      }),
    );
  }

  async retag(commit: number, tag: string): Promise<void> {
    const { digest } = await imageOf(commit, 'demo');
    if ((await this.store.resolve({ repository, reference: digest })) === undefined) return;
    await this.store.retag({ repository, digest, tag });
  }

  async references(): Promise<readonly ImageReference[]> {
    const lists = await Promise.all(
      environments.map((environment) => this.history.list({ environment, limit: 1_000 })),
    );
    return lists
      .flat()
      .flatMap(({ id, environment, services }) =>
        services.map(({ digest }) => ({ digest, by: `release ${id} of ${environment}` })),
      );
  }

  prune(dryRun = false) {
    return pruneImages({
      store: this.store,
      repositories: [repository],
      references: () => this.references(),
      dryRun,
    });
  }

  /** Digests that a history refers to and the store has no more. */
  async lost(): Promise<readonly string[]> {
    const stored = new Set((await this.store.list({ repository })).map(({ digest }) => digest));
    return (await this.references()).map(({ digest }) => digest).filter((digest) => !stored.has(digest));
  }
}

it('loses no image that a history refers to, whatever is deployed, retagged and pruned', async () => {
  const commit = fc.nat({ max: 40 });
  const environment = fc.constantFrom(...environments);
  const outcome = fc.constantFrom('deployed' as const, 'refused' as const);
  const deploy = fc.tuple(commit, environment, outcome).map((args) => (site: Site) => site.deploy(...args));
  const retag = fc.tuple(commit, fc.constantFrom('stable', 'next')).map((args) => (site: Site) => site.retag(...args));
  const prune = fc.constant(async (site: Site) => {
    await site.prune();
  });
  const operation = fc.oneof({ weight: 6, arbitrary: deploy }, { weight: 1, arbitrary: retag }, prune);
  const sequence = fc.array(operation, { minLength: operationsARun, maxLength: operationsARun });
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(sequence, async (steps) => {
      const site = new Site();
      for (const step of steps) {
        await step(site);
        expect(await site.lost()).toEqual([]);
      }
      removed += (await site.prune()).removed.length;
      expect(await site.lost()).toEqual([]);
    }),
    { numRuns: operations / operationsARun },
  );
  expect(removed).toBeGreaterThan(0);
}, 120_000);

it('removes nothing in a dry run, and then just what that said', async () => {
  const site = new Site();
  for (let commit = 0; commit < 30; commit += 1) await site.deploy(commit, 'production', 'deployed');
  const said = await site.prune(true);
  expect(said.remove.length).toBeGreaterThan(0);
  expect(said.removed).toEqual([]);
  expect(await site.store.list({ repository })).toHaveLength(30);
  expect((await site.prune()).removed).toEqual(said.remove);
  expect(await site.store.list({ repository })).toHaveLength(30 - said.remove.length);
});

it('does not remove what came to be needed after the plan was made', async () => {
  const site = new Site();
  for (let commit = 0; commit < 30; commit += 1) await site.deploy(commit, 'production', 'deployed');
  const { remove } = await site.prune(true);
  const [wanted] = remove;
  let asked = 0;
  const { removed } = await pruneImages({
    store: site.store,
    repositories: [repository],
    references: async () => {
      asked += 1;
      const known = await site.references();
      return asked === 1 ? known : [...known, { digest: wanted?.digest ?? '', by: 'a release of just now' }];
    },
    dryRun: false,
  });
  expect(removed).toEqual(remove.slice(1));
});
