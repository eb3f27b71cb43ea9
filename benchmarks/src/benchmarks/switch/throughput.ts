import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { InstanceAddress } from '@maestro/bluegreen';
import { openNginx } from '@maestro/bluegreen/nginx';

import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { nginxConfig } from './peers.ts';
import { freePort, openCertificate, type Place } from './place.ts';
import { processorMs } from './processor-time.ts';
import { untilGone } from './site.ts';

/** A proxy under load for some seconds. */
interface Rate {
  readonly perSecond: number;
  /** Processor time of the proxy alone. */
  readonly microsecondsEach: number;
}

type Measure = (seconds: number) => Promise<Rate>;

/** Proxies in front of the same server. */
export interface Proxies {
  readonly ours: Measure;
  /** One that only passes on, and writes an access log as nginx does unless it is told otherwise. */
  readonly bare: Measure;
  /** The same without a log. */
  readonly silent: Measure;
}

const connections = 32;
const service = 'site';

/** What choosing the slot by files, counting requests and writing the access log cost. */
export async function compareThroughput(place: Place, context: Context): Promise<void> {
  const proxies = await openProxies(place);
  await compare(context, 'throughput', { ours: proxies.ours, peer: proxies.bare, name: 'bare nginx', atLeast: 0.9 });
  await compare(context, 'throughput, once more', {
    ours: proxies.ours,
    peer: proxies.silent,
    name: 'bare nginx, no log',
  });
}

async function compare(
  context: Context,
  name: string,
  pair: { readonly ours: Measure; readonly peer: Measure; readonly name: string; readonly atLeast?: number },
): Promise<void> {
  const { rounds, seconds } = context.quick ? { rounds: 4, seconds: 1 } : { rounds: 20, seconds: 2 };
  const times = { ours: [] as number[], [pair.name]: [] as number[] };
  const rate = (whose: string, measure: Measure) => async () => {
    const { perSecond, microsecondsEach } = await measure(seconds);
    times[whose]?.push(microsecondsEach);
    return perSecond;
  };
  await context.pair({
    name,
    unit: 'requests/s',
    rounds,
    warmUp: !context.quick,
    ours: rate('ours', pair.ours),
    peer: { name: pair.name, measure: rate(pair.name, pair.peer) },
    ...(pair.atLeast === undefined ? {} : { bar: { of: 'ratio', atLeast: pair.atLeast } }),
  });
  for (const [whose, samples] of Object.entries(times)) {
    context.record({
      name: `${name}: processor time of the proxy for a request, ${whose}`,
      unit: 'µs',
      samples,
      statistic: 'median',
    });
  }
}

export async function openProxies(place: Place): Promise<Proxies> {
  const { folder, parts, stack, signal } = place;
  // Far quicker than either proxy, so that it is the proxies that are measured.
  const server = stack.use(await parts.nginx.start({ config: answeringConfig }));
  const upstream = { host: '127.0.0.1', port: server.port };
  const openPeer = async (name: string, accessLog?: string) => {
    const [certificate, tlsPort] = [await openCertificate(place, name), await freePort()];
    const setup = { tlsPort, certificate, upstream };
    return stack.use(await parts.nginx.start({ config: (port) => nginxConfig(port, setup, accessLog) }));
  };
  const bare = await openPeer('bare', join(folder, 'bare-access.log'));
  const silent = await openPeer('silent');
  const ours = await openOurs(place, upstream);
  const measure = (url: string, pid: number) => async (seconds: number) => {
    const before = await processorMs(pid);
    const perSecond = await runWrk(parts.wrk.program, { url, seconds, signal });
    const microsecondsEach = (((await processorMs(pid)) - before) * 1_000) / (perSecond * seconds);
    return { perSecond, microsecondsEach };
  };
  return {
    ours: measure(ours.url, ours.pid),
    bare: measure(`${bare.url}/`, bare.pid),
    silent: measure(`${silent.url}/`, silent.pid),
  };
}

async function openOurs({ folder, stack, signal }: Place, upstream: InstanceAddress) {
  const stateFolder = join(folder, 'throughput');
  const nginx = openNginx({
    stateFolder,
    slots: { addressesOf: (places) => Promise.resolve(places.map(() => upstream)) },
    // The folder is in one that only its user may enter.
    ...(process.getuid?.() === 0 ? { workerUser: 'root' } : {}),
  });
  stack.defer(async () => {
    await nginx.shutdown();
    await untilGone(stateFolder);
  });
  const topology = {
    listen: { host: '127.0.0.1', port: 0 },
    services: [{ name: service, route: { host: null, path: '/' } }],
  };
  const { url } = await nginx.router.apply(topology, { signal });
  await nginx.router.switchTo({ release: 'bench', slots: { [service]: 'blue' }, expected: null });
  return { url: `${url}/`, pid: Number(await readFile(join(stateFolder, 'nginx', 'nginx.pid'), 'utf8')) };
}

function answeringConfig(port: number): string {
  return `
worker_processes auto;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:${port};
    return 200 "${'.'.repeat(400)}\\n";
  }
}
`;
}

async function runWrk(
  program: string,
  { url, seconds, signal }: { readonly url: string; readonly seconds: number; readonly signal: AbortSignal },
): Promise<number> {
  const args = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, url];
  const { stdout } = await promisify(execFile)(program, args, { timeout: (seconds + 30) * 1_000, signal });
  const failed = /Non-2xx or 3xx responses: .*|Socket errors: .*/.exec(stdout)?.[0];
  if (failed !== undefined) {
    throw new BenchmarkError('BENCH_REQUESTS_FAILED', `requests to ${url} failed: ${failed}`, {
      hint: 'a proxy that answers with errors is no slower or faster one: find out why first',
    });
  }
  return Number(/Requests\/sec: +(?<rate>[\d.]+)/.exec(stdout)?.groups?.rate);
}
