import { existsSync } from 'node:fs';
import { join } from 'node:path';

import {
  type BlueGreen,
  type HealthCheck,
  type InstanceKey,
  openBlueGreen,
  type RoutedService,
  type RouterAddresses,
  type Slot,
  type Topology,
} from '@maestro/bluegreen';
import { openDocker } from '@maestro/bluegreen/docker';
import { poll, systemClock } from '@maestro/core';

import { command, type Images, type ServiceImage } from './images.ts';
import type { LoadTarget } from './load/load-plan.ts';
import { type CertificateFiles, freePort, openCertificate, type Place } from './place.ts';

/** An environment of containers behind nginx. */
export interface Site {
  readonly blueGreen: BlueGreen;
  readonly target: LoadTarget;
  readonly certificate: CertificateFiles;
  /** Puts an image into a slot and waits until it is healthy. */
  readonly start: (key: InstanceKey, image: ServiceImage) => Promise<void>;
  readonly probe: (key: InstanceKey) => Promise<void>;
  /** Moves the traffic of services to the other slot, or to a given one. */
  readonly switchTo: (slots: Readonly<Record<string, Slot>>) => Promise<Switching>;
  /** Routes further services besides those that the site began with. */
  readonly reach: (further: readonly RoutedService[]) => Promise<RouterAddresses>;
  /** Of an instance itself, past the proxy. */
  readonly urlOf: (key: InstanceKey) => Promise<string>;
}

interface Switching {
  /** By the clock that all processes of the machine share, in nanoseconds: right before the rename. */
  readonly at: bigint;
  /** From there to the end of the rename. */
  readonly switchMs: number;
}

export interface SiteOptions {
  /** Of the environment, unlike others of the run. */
  readonly name: string;
  readonly services: readonly RoutedService[];
  readonly images: Images;
}

/** That a release needs nothing else to be the same one. */
export const configHash = 'bench';

const release = 'bench';
const stopDeadlineMs = 10_000;
const check: HealthCheck = { path: '/', timeoutMs: 2_000, intervalMs: 25, deadlineMs: 30_000 };

export async function openSite(place: Place, { name, services, images }: SiteOptions): Promise<Site> {
  const { parts, folder, signal, stack } = place;
  const { suite, address } = parts.docker;
  const stateFolder = join(folder, name);
  const certificate = await openCertificate(place, name);
  const environment = await openDocker(
    {
      stateFolder,
      engine: address,
      project: suite,
      environment: name,
      fetchImage: images.fetch,
      // The folder is in one that only its user may enter.
      nginx: process.getuid?.() === 0 ? { workerUser: 'root' } : {},
    },
    { signal },
  );
  stack.defer(async () => {
    await environment.shutdown();
    await untilGone(stateFolder);
  });
  await environment.ensureRunning({ signal });
  const blueGreen = openBlueGreen(environment);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const topology = (further: readonly RoutedService[]): Topology => ({
    listen: { host: '127.0.0.1', port },
    tls: { port: tlsPort, certificates: [{ hosts: [], ...certificate }], redirect: false },
    services: [...services, ...further],
  });
  await blueGreen.reach(topology([]), { signal });

  const probe = (key: InstanceKey) => blueGreen.probe({ ...key, check, host: null, signal });
  return {
    blueGreen,
    certificate,
    target: { host: '127.0.0.1', port, tlsPort },
    probe,
    start: async (key, image) => {
      const environment = { SLOT: key.slot };
      const spec = { ...key, ...image, release, configHash, command, environment, secrets: {} };
      await blueGreen.start(spec, { signal });
      await probe(key);
    },
    switchTo: async (moved) => {
      const generation = (await blueGreen.observe({ signal })).generation;
      let at = 0n;
      const { switchMs } = await blueGreen.switchTo({
        release,
        slots: { ...generation?.slots, ...moved },
        expected: generation?.number ?? null,
        fence: () => {
          at = process.hrtime.bigint();
        },
      });
      return { at, switchMs };
    },
    reach: (further) => blueGreen.reach(topology(further), { signal }),
    urlOf: async (key) => {
      const { instances } = await blueGreen.observe({ signal });
      const found = instances.find(({ service, slot }) => service === key.service && slot === key.slot);
      const [first] = found?.addresses ?? [];
      if (first === undefined) throw new Error(`nothing is in ${key.service} ${key.slot}`);
      return `http://${first.host}:${first.port}`;
    },
  };
}

/** Waits for the nginx of a state folder, which was told to end. */
export async function untilGone(stateFolder: string): Promise<void> {
  const probe = () => Promise.resolve(existsSync(join(stateFolder, 'nginx', 'nginx.pid')));
  await poll({ probe, accept: (runs) => !runs, intervalMs: 50, deadlineMs: stopDeadlineMs, clock: systemClock });
}
