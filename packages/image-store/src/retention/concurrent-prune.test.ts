import { isMaestroError } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { type AssembledImage, assembleImage } from '../image/assemble-image.ts';
import type { ImageClaims } from '../ports/image-claims.ts';
import type { ImageStore } from '../ports/image-store.ts';
import type { ReleaseHistory } from '../ports/release-history.ts';
import { openMemoryImageClaims } from '../testing/memory-image-claims.ts';
import { MemoryImageStore } from '../testing/memory-image-store.ts';
import { MemoryReleaseHistory } from '../testing/memory-release-history.ts';
import { sampleRelease, sampleReleaseId, sampleSource } from '../testing/samples.ts';
import { claimImages } from './claim-images.ts';
import type { ImageReference } from './plan-prune.ts';
import { pruneImages } from './prune-images.ts';

const repository = 'shop-api';
const commits = 24;
const images = await Promise.all(Array.from({ length: commits }, (_, commit) => imageOf(commit)));

/** The nightly run tries ten thousand operations, others what a few seconds allow. */
const operations = process.env.MAESTRO_NIGHTLY === 'true' ? 10_000 : 1_000;
const operationsARun = 20;

function imageOf(commit: number): Promise<AssembledImage> {
  const committedAt = new Date(Date.UTC(2026, 0, 1, commit)).toISOString();
  const source = sampleSource({ 'main.js': `${commit}` }, { committedAt });
  return assembleImage({ source, repository, environment: 'production' });
}

/** Everything of an object happens when the scheduler says so, and is told to the caller when it says so again. */
function scheduled<T extends object>(parts: T, scheduler: fc.Scheduler): T {
  const moment = (label: string) => scheduler.schedule(Promise.resolve(), label);
  return new Proxy(parts, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        await moment(`${String(name)} begins`);
        const result = await method.apply(target, args);
        await moment(`${String(name)} ends`);
        return result;
      };
    },
  });
}

interface SiteOptions {
  readonly scheduler: fc.Scheduler;
  /** Whether everyone claims what they are about to use. */
  readonly claiming: boolean;
}

/** Two environments, somebody who gives tags, instances and a prune, all on one repository and without a common lock. */
class Site {
  readonly clock = new ManualClock();
  readonly #now = new MemoryImageStore();
  readonly #store: ImageStore;
  readonly #history: ReleaseHistory;
  readonly #claims: ImageClaims | undefined;
  readonly #instances: string[] = [];
  readonly #pins = new Map<string, string>();
  readonly #interrupted = new Map<string, { readonly environment: string; readonly digest: string }>();
  #ids = 0;
  removed = 0;

  constructor({ scheduler, claiming }: SiteOptions) {
    this.#store = scheduled(this.#now, scheduler);
    this.#history = scheduled(new MemoryReleaseHistory(), scheduler);
    this.#claims = claiming ? scheduledClaims(openMemoryImageClaims({ clock: this.clock }), scheduler) : undefined;
  }

  async prepare(): Promise<void> {
    for (const image of images) await this.#now.put(image);
  }

  async deploy(environment: string, image: AssembledImage, ending: 'deployed' | 'refused' | 'killed'): Promise<void> {
    const id = this.#nextId();
    if (!(await this.#claim(id, image, () => this.#store.put(image)))) return;
    if (ending === 'killed') this.#interrupted.set(id, { environment, digest: image.digest });
    else await this.#record(id, environment, image.digest, ending);
  }

  /** Finishes what was killed: its image must be there. */
  async resume(environment: string): Promise<void> {
    const interrupted = [...this.#interrupted].find(([, release]) => release.environment === environment);
    if (interrupted === undefined) return;
    const [id, { digest }] = interrupted;
    await this.#record(id, environment, digest, 'deployed');
    this.#interrupted.delete(id);
  }

  async pin(image: AssembledImage): Promise<void> {
    const { digest } = image;
    const id = this.#nextId();
    const tag = `pin.${id}`;
    if (!(await this.#claim(id, image))) return;
    // Without a claim the image may be gone by now, which is told.
    await this.#store.retag({ repository, digest, tag }).then(
      () => this.#pins.set(tag, digest),
      () => undefined,
    );
    await this.#claims?.withdraw({ id });
  }

  /** An instance that no release tells of. */
  async start(image: AssembledImage): Promise<void> {
    const id = this.#nextId();
    if (!(await this.#claim(id, image))) return;
    this.#instances.push(image.digest);
    await this.#claims?.withdraw({ id });
  }

  async prune(dying: boolean): Promise<void> {
    let left = dying ? 3 : Infinity;
    const beforeRemoval = () => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : Promise.resolve();
    };
    const claims = this.#claims;
    const references = () => this.#references();
    const options = { store: this.#store, repositories: [repository], references, claims, beforeRemoval };
    await pruneImages({ ...options, dryRun: false }).then(
      ({ removed }) => (this.removed += removed.length),
      () => undefined,
    );
  }

  /** What somebody needs and the store has no more. */
  async lost(): Promise<readonly string[]> {
    const stored = new Set((await this.#now.list({ repository })).map(({ digest }) => digest));
    const interrupted = [...this.#interrupted.values()].map(({ digest }) => digest);
    const known = (await this.#references()).map(({ digest }) => digest);
    return [...known, ...this.#pins.values(), ...interrupted].filter((digest) => !stored.has(digest));
  }

  async #references(): Promise<readonly ImageReference[]> {
    const environments = await this.#history.environments();
    const lists = await Promise.all(
      environments.map((environment) => this.#history.list({ environment, limit: 1_000 })),
    );
    const released = lists.flat().flatMap(({ id, services }) => services.map(({ digest }) => ({ digest, by: id })));
    return [...released, ...this.#instances.map((digest) => ({ digest, by: 'an instance' }))];
  }

  /** Whether the image is there and stays; `putAgain` where it is not. */
  async #claim(id: string, image: AssembledImage, putAgain?: () => Promise<unknown>): Promise<boolean> {
    try {
      const claims = this.#claims ?? unclaimed;
      const missing = await claimImages({ claims, store: this.#store, id, by: id, images: [image] });
      if (missing.length > 0 && putAgain !== undefined) await putAgain();
      if (missing.length === 0 || putAgain !== undefined) return true;
    } catch (error) {
      if (!isMaestroError(error, 'IMAGE_STORE_LOCKED')) throw error;
    }
    await this.#claims?.withdraw({ id });
    return false;
  }

  async #record(id: string, environment: string, digest: string, outcome: 'deployed' | 'refused'): Promise<void> {
    const services = sampleRelease(0).services.map((service) => ({ ...service, digest }));
    await this.#history.record(sampleRelease(0, { id, environment, outcome, services }));
    await this.#claims?.withdraw({ id });
  }

  #nextId(): string {
    this.#ids += 1;
    return sampleReleaseId(this.#ids);
  }
}

const unclaimed = { claim: () => Promise.resolve() } as unknown as ImageClaims;

/** The work of a removal is that of scheduled parts already. */
function scheduledClaims(claims: ImageClaims, scheduler: fc.Scheduler): ImageClaims {
  const later = scheduled(claims, scheduler);
  return {
    claim: (...args) => later.claim(...args),
    withdraw: (...args) => later.withdraw(...args),
    list: (...args) => later.list(...args),
    whileRemoving: (...args) => claims.whileRemoving(...args),
  };
}

type Operation = (site: Site) => Promise<void>;

const anImage = fc.constantFrom(...images);
const ending = fc.constantFrom('deployed' as const, 'deployed' as const, 'refused' as const, 'killed' as const);
const operationsOf = (environment: string): fc.Arbitrary<Operation> => {
  const deploy = fc.tuple(anImage, ending).map((args) => (site: Site) => site.deploy(environment, ...args));
  return fc.oneof(
    { weight: 5, arbitrary: deploy },
    fc.constant((site: Site) => site.resume(environment)),
  );
};
const others: fc.Arbitrary<Operation> = fc.oneof(
  anImage.map((image) => (site: Site) => site.pin(image)),
  anImage.map((image) => (site: Site) => site.start(image)),
);
const prunes: fc.Arbitrary<Operation> = fc.boolean().map((dying) => (site: Site) => site.prune(dying));
const times = (operation: fc.Arbitrary<Operation>, count: number) =>
  fc.array(operation, { minLength: count, maxLength: count });
/** Who works at the same time; one's own operations follow one another, as under an environment's lock. */
const chains = fc.tuple(
  times(operationsOf('demo'), 6),
  times(operationsOf('production'), 6),
  times(others, 5),
  times(prunes, 3),
);

function property({ claiming, onRun }: { readonly claiming: boolean; readonly onRun?: (site: Site) => void }) {
  return fc.asyncProperty(fc.scheduler(), chains, async (scheduler, work) => {
    const site = new Site({ scheduler, claiming });
    await site.prepare();
    await settle(
      scheduler,
      site,
      work.map((chain) => inOrder(site, chain)),
    );
    const [lost] = await settle(scheduler, site, [site.lost()]);
    expect(lost).toEqual([]);
    onRun?.(site);
  });
}

async function inOrder(site: Site, chain: readonly Operation[]): Promise<void> {
  for (const operation of chain) await operation(site);
}

/** Time goes on when nobody can do anything else. */
async function settle<T>(scheduler: fc.Scheduler, site: Site, work: readonly Promise<T>[]): Promise<readonly T[]> {
  const state = { settled: false };
  const all = Promise.all(work).finally(() => (state.settled = true));
  all.catch(() => undefined);
  for (;;) {
    await new Promise(setImmediate);
    if (state.settled) return all;
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    else await site.clock.advance(500);
  }
}

it('loses no image that a history, an instance, a tag or an interrupted release needs, whoever meets', async () => {
  let removed = 0;
  const onRun = (site: Site) => (removed += site.removed);
  await fc.assert(property({ claiming: true, onRun }), { numRuns: operations / operationsARun });
  expect(removed).toBeGreaterThan(0);
}, 300_000);

it('would lose some if nobody claimed what they are about to use', async () => {
  const options = { seed: 1, numRuns: 200, endOnFailure: true };
  const { errorInstance } = await fc.check(property({ claiming: false }), options);
  expect(errorInstance).toMatchObject({ message: expect.stringContaining('to deeply equal []') as string });
}, 60_000);
