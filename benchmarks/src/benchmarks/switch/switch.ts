import type { Benchmark } from '../../benchmark.ts';
import { bakeReleases } from './bakes.ts';
import { publishImages } from './images.ts';
import { openPlace, type Place } from './place.ts';
import { openComposePeer, openReloadPeer, switchPeerUnderLoad } from './reloads.ts';
import { rollBack } from './rollbacks.ts';
import { openSite } from './site.ts';
import { switchUnderLoad } from './switches.ts';
import { compareThroughput } from './throughput.ts';
import { changeTopologyUnderLoad } from './topology-changes.ts';
import { versionOf } from './versions.ts';

const service = 'site';
const full = { switches: 1_000, reloads: 50, composes: 3, changes: 20 };
const quick = { switches: 30, reloads: 2, composes: 0, changes: 2 };

/** What switches, reloads and rollbacks of containers behind nginx cost those who are asking them at that moment. */
export const switching: Benchmark = {
  peers: {
    nginx: versionOf('nginx', ['-v']),
    HAProxy: versionOf('haproxy', ['-v']),
    'docker-compose': versionOf('docker-compose', ['--version']),
  },
  async run(context) {
    const { switches, reloads, composes, changes } = context.quick ? quick : full;
    const place = await openPlace(context);
    const images = await publishImages(place, 3);
    const site = await openSite(place, {
      name: 'switch',
      images,
      services: [{ name: service, route: { host: null, path: '/' } }],
    });
    const [first, second] = images.all;
    if (first === undefined || second === undefined) throw new Error('two images are needed');
    await Promise.all([site.start({ service, slot: 'blue' }, first), site.start({ service, slot: 'green' }, second)]);
    await site.switchTo({ [service]: 'blue' });

    await switchUnderLoad(site, { service, count: switches }, context);
    for (const { count, open } of [
      { count: reloads, open: (inner: Place) => openReloadPeer(inner, { name: 'nginx', site, service }) },
      { count: reloads, open: (inner: Place) => openReloadPeer(inner, { name: 'haproxy', site, service }) },
      { count: composes, open: (inner: Place) => openComposePeer(inner, images) },
    ]) {
      if (count === 0) continue;
      // Ended at once: what a container is made of cannot be removed from the engine.
      await using stack = new AsyncDisposableStack();
      await switchPeerUnderLoad(await open({ ...place, stack }), count, context);
    }
    await changeTopologyUnderLoad(site, changes, context);
    await rollBack({ site, images, service }, context);
    await compareThroughput(place, context);
    await bakeReleases(place, images, context);
  },
};
