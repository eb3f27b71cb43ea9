import type { Benchmark, Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { sendLoad } from '../../measure/load.ts';
import { npmVersion } from '../../npm-version.ts';
import { type Site, startSite } from './site.ts';
import { startFixedProxy } from './start-fixed-proxy.ts';

const connections = 16;
const warmUpMs = 3_000;
// Many short rounds: what else the machine does for a second then spoils one ratio of many.
const full = { rounds: 60, roundMs: 1_000, switches: 600 };
const quick = { rounds: 40, roundMs: 500, switches: 300 };

/** What looking up the live slot on each request costs, and whether a switch costs anybody a request. */
export const embeddedProxy: Benchmark = {
  peers: { httpxy: () => npmVersion('httpxy') },
  async run(context) {
    const { rounds, roundMs, switches } = context.quick ? quick : full;
    const site = await startSite(context);
    const peerUrl = await startFixedProxy(site.blueUrl, context);
    // New processes become quicker for seconds, until what runs most is compiled.
    for (const url of [site.url, peerUrl]) await requestsPerSecond(url, warmUpMs, context);

    await context.pair({
      name: 'throughput',
      unit: 'requests/s',
      rounds,
      ours: () => requestsPerSecond(site.url, roundMs, context),
      peer: { name: 'httpxy', measure: () => requestsPerSecond(peerUrl, roundMs, context) },
      bar: { of: 'ratio', atLeast: 0.85 },
    });
    await switchUnderLoad(site, switches, context);
  },
};

async function requestsPerSecond(url: string, ms: number, { signal }: Context): Promise<number> {
  const until = AbortSignal.any([AbortSignal.timeout(ms), signal]);
  const { requests, failed, seconds } = await sendLoad(url, { connections, until });
  if (failed === 0) return requests / seconds;
  throw new BenchmarkError('BENCH_REQUESTS_FAILED', `${failed} of ${requests} requests to ${url} failed`, {
    hint: 'a proxy that answers with errors is no slower or faster one: find out why first',
  });
}

async function switchUnderLoad(site: Site, switches: number, context: Context): Promise<void> {
  const switched = new AbortController();
  const until = AbortSignal.any([switched.signal, context.signal]);
  const loading = sendLoad(site.url, { connections, until });
  const samples: number[] = [];
  try {
    while (samples.length < switches) samples.push(await site.switch());
  } finally {
    switched.abort();
  }
  const { requests, failed } = await loading;

  context.record({ name: 'switch', unit: 'ms', samples, statistic: 'median' });
  context.record({ name: 'switch, p99', unit: 'ms', samples, statistic: 'p99', bar: { of: 'value', atMost: 50 } });
  const counted = { unit: 'requests', statistic: 'sum' } as const;
  // A load that stood still would lose nothing either.
  const enough = { of: 'value', atLeast: switches } as const;
  context.record({ ...counted, name: 'requests meanwhile', samples: [requests], bar: enough });
  context.record({ ...counted, name: 'failed requests', samples: [failed], bar: { of: 'value', atMost: 0 } });
}
