import { describeWith } from '@maestro/services/vitest';
import Docker from 'dockerode';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { assembleImage, type ImageReference, type ImageStore, pruneImages } from '../../src/index.ts';
import { MemoryReleaseHistory, sampleRelease, sampleReleaseId, sampleSource } from '../../src/testing.ts';
import { newNamespace, repository } from './registry-images.ts';

const environments = ['demo', 'production'] as const;
/** Each asks a real engine several times; the nightly run takes some minutes. */
const runs = process.env.MAESTRO_NIGHTLY === 'true' ? 40 : 3;
const operationsARun = 40;
const commits = 18;

interface SiteOptions {
  readonly store: ImageStore;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What `docker image prune` does, on images of this suite. */
  readonly dockerPrune: () => Promise<unknown>;
}

/** One engine's images, which the histories of two environments refer to. */
class Site {
  readonly #options: SiteOptions;
  readonly #history = new MemoryReleaseHistory();
  #releases = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  async deploy(commit: number, environment: string): Promise<void> {
    const { digest } = await this.#options.store.put(await this.#image(commit, environment));
    this.#releases += 1;
    const [live] = await this.#history.list({ environment });
    const released = { name: 'api', image: `${repository}:${environment}`, configHash: '', secretVersions: {} };
    await this.#history.record(
      sampleRelease(this.#releases, {
        id: sampleReleaseId(this.#releases),
        environment,
        previousHealthy: live?.id ?? null,
        services: [{ ...released, digest }],
      }),
    );
  }

  async retag(commit: number, tag: string): Promise<void> {
    const { store } = this.#options;
    const { digest } = await this.#image(commit, 'demo');
    if ((await store.resolve({ repository, reference: digest })) === undefined) return;
    await store.retag({ repository, digest, tag });
  }

  /** Leaves the other image without the only tag that people know it by. */
  async takeTag(commit: number, other: number): Promise<void> {
    const { tag } = await this.#image(other, 'demo');
    await this.retag(commit, tag);
  }

  async prune(): Promise<void> {
    const { store } = this.#options;
    await pruneImages({ store, repositories: [repository], references: () => this.#references(), dryRun: false });
  }

  async dockerPrune(): Promise<void> {
    await this.#options.dockerPrune();
  }

  /** Digests that a history refers to and the engine has no more. */
  async lost(): Promise<readonly string[]> {
    const stored = new Set((await this.#options.store.list({ repository })).map(({ digest }) => digest));
    return (await this.#references()).map(({ digest }) => digest).filter((digest) => !stored.has(digest));
  }

  async #references(): Promise<readonly ImageReference[]> {
    const lists = await Promise.all(
      environments.map((environment) => this.#history.list({ environment, limit: 1_000 })),
    );
    return lists.flat().flatMap(({ id, services }) => services.map(({ digest }) => ({ digest, by: id })));
  }

  #image(commit: number, environment: string) {
    const { namespace, labels } = this.#options;
    const committedAt = new Date(Date.UTC(2026, 0, 1, commit)).toISOString();
    const source = sampleSource({ 'main.js': `${namespace} ${commit}` }, { committedAt });
    return assembleImage({ source, repository, environment, labels });
  }
}

describeWith(
  'the images of a Docker Engine, whatever is deployed and pruned',
  ['docker', 'image-repository'],
  (parts) => {
    it('are never lost to a history, by this package nor by docker image prune', { timeout: 900_000 }, async () => {
      const { docker, 'image-repository': registry } = parts();
      const engine = new Docker({ host: '', ...docker.engine, protocol: 'http' });
      const commit = fc.nat({ max: commits - 1 });
      const deploy = fc
        .tuple(commit, fc.constantFrom(...environments))
        .map((args) => (site: Site) => site.deploy(...args));
      const retag = fc
        .tuple(commit, fc.constantFrom('stable', 'next', 'latest'))
        .map((args) => (site: Site) => site.retag(...args));
      const takeTag = fc.tuple(commit, commit).map((args) => (site: Site) => site.takeTag(...args));
      const prune = fc.constantFrom(
        (site: Site) => site.prune(),
        (site: Site) => site.dockerPrune(),
      );
      // Several of one group are under way at the same time, but for a removal: an environment's lock keeps those apart.
      const group = fc.oneof(
        {
          weight: 5,
          arbitrary: fc.array(fc.oneof({ weight: 4, arbitrary: deploy }, retag, takeTag), {
            minLength: 1,
            maxLength: 4,
          }),
        },
        { weight: 2, arbitrary: prune.map((one) => [one]) },
      );
      let removed = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(group, { minLength: operationsARun / 4, maxLength: operationsARun / 2 }),
          async (groups) => {
            const namespace = newNamespace(docker.suite);
            const repositories = { registry: registry.address, namespace };
            const { store } = openDockerEngine({ engine: docker.address, repositories });
            const filters = { dangling: ['true'], label: [`maestro.test.suite=${docker.suite}`] };
            const dockerPrune = () => engine.pruneImages({ filters });
            const site = new Site({ store, namespace, labels: docker.labels, dockerPrune });
            for (const operations of groups) {
              await Promise.all(operations.map((operation) => operation(site)));
              expect(await site.lost()).toEqual([]);
            }
            for (let index = 0; index < commits; index += 1) await site.deploy(index, 'production');
            const before = (await store.list({ repository })).length;
            await site.prune();
            await site.dockerPrune();
            expect(await site.lost()).toEqual([]);
            removed += before - (await store.list({ repository })).length;
          },
        ),
        { numRuns: runs },
      );
      expect(removed).toBeGreaterThan(0);
    });
  },
);
