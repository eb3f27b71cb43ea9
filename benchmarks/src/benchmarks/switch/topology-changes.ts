import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';

import type { RoutedService, RouterAddresses } from '@maestro/bluegreen';

import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { recordLoad } from './load-figures.ts';
import { everyKind } from './load/load-plan.ts';
import { underLoad } from './load/under-load.ts';
import type { Site } from './site.ts';

/** Whether what needs a reload costs anybody a request: by turns a service is added and the certificate renewed. */
export async function changeTopologyUnderLoad(site: Site, count: number, context: Context): Promise<void> {
  const plan = { targets: [site.target], clients: everyKind };
  const { load, result } = await underLoad(plan, context, () => changeTopology(site, count));
  context.record({ name: `${count} changes of the topology`, unit: 'ms', samples: result, statistic: 'median' });
  recordLoad(context, { during: 'changing the topology', load, none: ['failed'] });
}

export async function changeTopology(site: Site, count: number): Promise<readonly number[]> {
  const further: RoutedService[] = [];
  const samples: number[] = [];
  while (samples.length < count) {
    const adds = samples.length % 2 === 0;
    if (adds) further.push(newService(further.length));
    else await site.certificate.renew();
    let reached: RouterAddresses | undefined;
    samples.push(
      await elapsedMs(async () => {
        reached = await site.reach(further);
      }),
    );
    if (adds) await requireService(reached?.services[further.at(-1)?.name ?? ''] ?? '');
    else await requireCertificate(site);
  }
  return samples;
}

function newService(index: number): RoutedService {
  const name = `added-${index}`;
  return { name, route: { host: null, path: `/${name}` } };
}

/** A change that was not made costs nothing. */
async function requireCertificate({ target, certificate }: Site): Promise<void> {
  const wanted = new X509Certificate(await readFile(certificate.certificateFile));
  const socket = connect({ host: target.host, port: target.tlsPort ?? 0, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  if (fingerprint256 !== wanted.fingerprint256) throw unchanged('the certificate is the one before');
}

async function requireService(url: string): Promise<void> {
  const { status } = await fetch(url);
  // It is known, but nothing of it is live.
  if (status !== 503) throw unchanged(`what was added answers ${status} at ${url}`);
}

function unchanged(what: string): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', `the topology was not changed: ${what}`, {
    hint: 'find out why: the time measured is no time of a change',
  });
}
