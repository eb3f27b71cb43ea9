import { isMaestroError, poll, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { bakeFailing, bakeGood, openBakeSite, underLoadOnAll } from '../src/benchmarks/switch/bakes.ts';
import { type Images, publishImages } from '../src/benchmarks/switch/images.ts';
import { everyKind, type LoadTarget } from '../src/benchmarks/switch/load/load-plan.ts';
import { underLoad } from '../src/benchmarks/switch/load/under-load.ts';
import { type Place, placeOf } from '../src/benchmarks/switch/place.ts';
import { openComposePeer, openReloadPeer } from '../src/benchmarks/switch/reloads.ts';
import { rollbackMs } from '../src/benchmarks/switch/rollbacks.ts';
import { openSite, type Site } from '../src/benchmarks/switch/site.ts';
import { switchTimes } from '../src/benchmarks/switch/switches.ts';
import { openProxies } from '../src/benchmarks/switch/throughput.ts';
import { changeTopology } from '../src/benchmarks/switch/topology-changes.ts';

const slowMs = 120_000;
const service = 'site';
const needs = ['docker', 'image-repository', 'nginx', 'haproxy', 'docker-compose', 'wrk'] as const;

describeWith('what is measured of switches', needs, (parts) => {
  const context = { signal: new AbortController().signal };
  let stack: AsyncDisposableStack;
  let place: Place;
  let images: Images;
  let site: Site;

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    place = await placeOf(parts(), { ...context, stack });
    images = await publishImages(place, 3);
    site = await openSite(place, {
      name: 'switch',
      images,
      services: [{ name: service, route: { host: null, path: '/' } }],
    });
    const [first, second] = images.all;
    if (first === undefined || second === undefined) throw new Error('two images are needed');
    await Promise.all([site.start({ service, slot: 'blue' }, first), site.start({ service, slot: 'green' }, second)]);
    await site.switchTo({ [service]: 'blue' });
  }, slowMs);
  afterAll(() => stack.disposeAsync(), slowMs);

  const load = async (target: LoadTarget, work: () => Promise<unknown>) =>
    (await underLoad({ targets: [target], clients: everyKind }, context, work)).load;

  it('is switches that no request fails of, and the last request on each old slot', { timeout: slowMs }, async () => {
    let last: readonly number[] = [];
    const seen = await load(site.target, async () => {
      const times = await switchTimes(site, { service, count: 5 }, context);
      expect(times.switchMs).toHaveLength(5);
      last = times.lastNewMs;
    });
    expect(seen).toMatchObject({ failed: 0, turnedAway: 0, failures: {} });
    expect(last).toHaveLength(5);
    for (const ms of last) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it('is requests that do fail where the same load meets a reload', { timeout: slowMs }, async () => {
    const peers = [
      await openReloadPeer(place, { name: 'nginx', site, service }),
      await openReloadPeer(place, { name: 'haproxy', site, service }),
    ];
    for (const peer of peers) {
      const reload = async () => {
        for (let reloads = 0; reloads < 5; reloads += 1) await peer.switch();
      };
      let failed = 0;
      // Some reloads go well, by chance.
      for (let tries = 0; tries < 5 && failed === 0; tries += 1) failed += (await load(peer.target, reload)).failed;
      expect(failed).toBeGreaterThan(0);
    }
  });

  it('is a container that docker-compose replaces', { timeout: slowMs }, async () => {
    const peer = await openComposePeer(place, images);
    const slot = async () => (await (await fetch(`http://127.0.0.1:${peer.target.port}/`)).text()).split(' ')[0];
    const before = await untilAnswered(slot);
    await peer.switch();
    expect(new Set([before, await untilAnswered(slot)])).toEqual(new Set(['blue', 'green']));
  });

  it('is changes of the topology that have come about', { timeout: slowMs }, async () => {
    expect(await changeTopology(site, 2)).toHaveLength(2);
  });

  it('is rollbacks to what runs, what is stopped, and what only the repository has', { timeout: slowMs }, async () => {
    for (const found of ['running', 'stopped', 'in the repository alone'] as const) {
      expect(await rollbackMs({ site, images, service }, found)).toBeGreaterThan(0);
    }
  });

  it('is no rollback where there is nothing to return to', { timeout: slowMs }, async () => {
    const none = { ...images, all: [] };
    await expect(rollbackMs({ site, images: none, service }, 'stopped')).rejects.toSatisfy((error) =>
      isMaestroError(error, 'BENCH_WRONG_RESULT'),
    );
  });

  it('is the rate of either proxy, and what a request takes of a processor', { timeout: slowMs }, async () => {
    const { ours, bare } = await openProxies(place);
    for (const measure of [ours, bare]) {
      const { perSecond, microsecondsEach } = await measure(1);
      expect(perSecond).toBeGreaterThan(100);
      expect(microsecondsEach).toBeGreaterThan(1);
    }
  });

  it('is a good release that is kept and a failing one that is not', { timeout: slowMs }, async () => {
    const baking = await openBakeSite(place, images, 2);
    await underLoadOnAll(baking, context, async () => {
      expect(await bakeGood(baking, context)).toEqual({ kind: 'kept', unjudged: [] });
      expect(await bakeFailing(baking, '1', context)).toMatchObject({ kind: 'returned' });
    });
  });
});

/** docker-compose is done before the service listens. */
async function untilAnswered(slot: () => Promise<string | undefined>): Promise<string | undefined> {
  const accept = (answer: string | undefined) => answer === 'blue' || answer === 'green';
  const { value } = await poll({ probe: slot, accept, intervalMs: 50, deadlineMs: 30_000, clock: systemClock });
  return value;
}
