import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type BlueGreen, openBlueGreen, otherSlot, type Slot } from '@maestro/bluegreen';
import { openEmbedded } from '@maestro/bluegreen/embedded';

import { machine, median, quantile } from './figures.ts';
import { loadFor } from './load.ts';

const rounds = 5;
const round = { connections: 16, ms: 2_000 };
const switches = 300;
const check = { path: '/', timeoutMs: 1_000, intervalMs: 25, deadlineMs: 10_000 };

/** The embedded proxy beside the bare library, in turns; then switches under load. */
export async function embeddedProxy(say: (line: string) => void): Promise<void> {
  const stateFolder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  const embedded = openEmbedded({ stateFolder, unpack: () => Promise.resolve(import.meta.dirname) });
  try {
    await embedded.ensureRunning();
    const blueGreen = openBlueGreen({ runtime: embedded.runtime, router: embedded.router });
    const { url } = await blueGreen.reach({
      listen: { host: '127.0.0.1', port: 0 },
      services: [{ name: 'site', route: { host: null, path: '/' } }],
    });
    const target = await startBoth(blueGreen);
    await blueGreen.switchTo({ release: 'bench', slots: { site: 'blue' }, expected: null });

    say(machine());
    await compareThroughput(url, target, say);
    await switchUnderLoad(blueGreen, url, say);
  } finally {
    await embedded.shutdown();
    await rm(stateFolder, { recursive: true, force: true });
  }
}

/** Returns the address of the blue instance. */
async function startBoth(blueGreen: BlueGreen): Promise<string> {
  for (const slot of ['green', 'blue'] as const) {
    await blueGreen.start({
      service: 'site',
      slot,
      release: 'bench',
      image: 'site:bench',
      digest: `sha256:${slot}`,
      configHash: 'none',
      command: ['node', 'service.mjs'],
      environment: {},
      secrets: {},
    });
    await blueGreen.probe({ service: 'site', slot, check, host: null });
  }
  const { instances } = await blueGreen.observe();
  const { host, port } = instances.find(({ slot }) => slot === 'blue')?.address ?? { host: '', port: 0 };
  return `http://${host}:${port}`;
}

async function compareThroughput(url: string, target: string, say: (line: string) => void): Promise<void> {
  const peer = spawn(process.execPath, [join(import.meta.dirname, 'fixed-proxy.ts'), target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(peer.stdout, 'data')) as [Buffer];
    const peerUrl = `http://127.0.0.1:${port.toString().trim()}/`;
    await loadFor(url, { ...round, ms: 500 });
    await loadFor(peerUrl, { ...round, ms: 500 });
    const rates: { ours: number; peer: number }[] = [];
    for (let turn = 0; turn < rounds; turn += 1) {
      const ours = await loadFor(url, round);
      const theirs = await loadFor(peerUrl, round);
      rates.push({ ours: ours.requests / ours.seconds, peer: theirs.requests / theirs.seconds });
    }
    const ratios = rates.map(({ ours, peer: theirs }) => ours / theirs);
    say(`embedded proxy: ${Math.round(median(rates.map(({ ours }) => ours)))} requests/s`);
    say(`httpxy, fixed target: ${Math.round(median(rates.map((rate) => rate.peer)))} requests/s`);
    say(`ratio: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`);
  } finally {
    peer.kill('SIGTERM');
  }
}

async function switchUnderLoad(blueGreen: BlueGreen, url: string, say: (line: string) => void): Promise<void> {
  let live: Slot = 'blue';
  const times: number[] = [];
  const loading = loadFor(url, { ...round, ms: 6_000 });
  for (let count = 0; count < switches; count += 1) {
    const { generation } = await blueGreen.observe();
    live = otherSlot(live);
    const slots = { site: live };
    const { switchMs } = await blueGreen.switchTo({ release: 'bench', slots, expected: generation?.number ?? null });
    times.push(switchMs);
  }
  const { requests, failed } = await loading;
  say(
    `${switches} switches under load: median ${median(times).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`,
  );
  say(`${requests} requests meanwhile, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
