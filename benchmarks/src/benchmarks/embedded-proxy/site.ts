import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type BlueGreen, openBlueGreen, otherSlot, type Slot } from '@maestro/bluegreen';
import { openEmbedded } from '@maestro/bluegreen/embedded';

import type { Context } from '../../benchmark.ts';

/** One service in both slots behind the embedded proxy; blue is live at first. */
export interface Site {
  /** Of the proxy. */
  readonly url: string;
  /** Of the blue instance itself. */
  readonly blueUrl: string;
  /** Moves all traffic to the other slot and returns how long that took. */
  readonly switch: () => Promise<number>;
}

const service = 'site';
const release = 'bench';
const check = { path: '/', timeoutMs: 1_000, intervalMs: 25, deadlineMs: 10_000 };

export async function startSite({ signal, stack }: Pick<Context, 'signal' | 'stack'>): Promise<Site> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  stack.defer(() => rm(stateFolder, { recursive: true, force: true }));
  const embedded = openEmbedded({ stateFolder, unpack: () => Promise.resolve(import.meta.dirname) });
  stack.defer(() => embedded.shutdown());
  // Without the signal: a daemon whose start was given up comes up all the same, when nobody ends it any more.
  await embedded.ensureRunning();

  const blueGreen = openBlueGreen({ runtime: embedded.runtime, router: embedded.router });
  const topology = {
    listen: { host: '127.0.0.1', port: 0 },
    services: [{ name: service, route: { host: null, path: '/' } }],
  };
  const { url } = await blueGreen.reach(topology, { signal });
  await start(blueGreen, 'green', signal);
  const blueUrl = await start(blueGreen, 'blue', signal);
  let live: Slot = 'blue';
  await blueGreen.switchTo({ release, slots: { [service]: live }, expected: null });
  return {
    url,
    blueUrl,
    async switch() {
      const { generation } = await blueGreen.observe({ signal });
      live = otherSlot(live);
      const request = { release, slots: { [service]: live }, expected: generation?.number ?? null };
      return (await blueGreen.switchTo(request)).switchMs;
    },
  };
}

/** Returns the address of the instance once it is healthy. */
async function start(blueGreen: BlueGreen, slot: Slot, signal: AbortSignal): Promise<string> {
  const { addresses } = await blueGreen.start(
    {
      service,
      slot,
      release,
      image: 'site:bench',
      digest: `sha256:${slot}`,
      configHash: 'none',
      command: ['node', 'service.mjs'],
      environment: {},
      secrets: {},
    },
    { signal },
  );
  await blueGreen.probe({ service, slot, check, host: null, signal });
  const [address] = addresses;
  if (address === undefined) throw new Error(`${service} has no address`);
  return `http://${address.host}:${address.port}`;
}
