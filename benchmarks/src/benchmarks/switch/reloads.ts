import { type InstanceAddress, otherSlot, type Slot } from '@maestro/bluegreen';
import { systemClock } from '@maestro/core';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { openCompose } from './compose.ts';
import type { Images } from './images.ts';
import { recordLoad } from './load-figures.ts';
import { everyKind, type LoadTarget } from './load/load-plan.ts';
import { underLoad } from './load/under-load.ts';
import { haproxyConfig, nginxConfig } from './peers.ts';
import { freePort, openCertificate, type Place } from './place.ts';
import type { Site } from './site.ts';

/** Another way to get from one version to the next. */
export interface Peer {
  readonly name: string;
  readonly target: LoadTarget;
  /** Resolves when the other version is served. */
  readonly switch: () => Promise<void>;
}

// From the end of a switch to the next one.
const pauseMs = 500;

/** What the same load sees when a peer switches. */
export async function switchPeerUnderLoad(peer: Peer, count: number, context: Context): Promise<void> {
  const plan = { targets: [peer.target], clients: everyKind };
  const { load, result } = await underLoad(plan, context, async () => {
    const samples: number[] = [];
    while (samples.length < count) {
      samples.push(await elapsedMs(() => peer.switch()));
      await systemClock.sleep(pauseMs, context.signal);
    }
    return samples;
  });
  const during = `${count} x ${peer.name}`;
  context.record({ name: during, unit: 'ms', samples: result, statistic: 'median' });
  recordLoad(context, { during, load, none: [] });
}

/** The same instances behind nginx or HAProxy, whose upstream is written anew and reloaded. */
export async function openReloadPeer(
  place: Place,
  { name, site, service }: { readonly name: 'nginx' | 'haproxy'; readonly site: Site; readonly service: string },
): Promise<Peer> {
  const { parts, stack } = place;
  const certificate = await openCertificate(place, name);
  const tlsPort = await freePort();
  const configOf = name === 'nginx' ? nginxConfig : haproxyConfig;
  const addresses = { blue: await addressOf(site, service, 'blue'), green: await addressOf(site, service, 'green') };
  let live: Slot = 'blue';
  const config = (port: number) => configOf(port, { tlsPort, certificate, upstream: addresses[live] });
  const server = stack.use(await parts[name].start({ config }));
  return {
    name: `${name === 'nginx' ? 'nginx' : 'HAProxy'} reload`,
    target: { host: '127.0.0.1', port: server.port, tlsPort },
    switch: async () => {
      live = otherSlot(live);
      await server.reload({ config });
    },
  };
}

/** docker-compose, which stops the container and starts another one, behind an nginx that nothing happens to. */
export async function openComposePeer(place: Place, images: Images): Promise<Peer> {
  const { parts, stack } = place;
  const certificate = await openCertificate(place, 'compose');
  const tlsPort = await freePort();
  const project = await openCompose(place);
  const upstream = { host: '127.0.0.1', port: project.port };
  let live: Slot = 'blue';
  const up = async () => {
    const image = images.all[live === 'blue' ? 0 : 1];
    if (image !== undefined) await project.up(images.nameOf(image), live);
  };
  await up();
  const config = (port: number) => nginxConfig(port, { tlsPort, certificate, upstream });
  const server = stack.use(await parts.nginx.start({ config }));
  return {
    name: 'docker-compose up',
    target: { host: '127.0.0.1', port: server.port, tlsPort },
    switch: async () => {
      live = otherSlot(live);
      await up();
    },
  };
}

async function addressOf(site: Site, service: string, slot: Slot): Promise<InstanceAddress> {
  const { hostname, port } = new URL(await site.urlOf({ service, slot }));
  return { host: hostname, port: Number(port) };
}
