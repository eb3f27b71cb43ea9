import { type InstanceKey, otherSlot, planMoves, type Slot } from '@maestro/bluegreen';

import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { Images, ServiceImage } from './images.ts';
import { configHash, type Site } from './site.ts';

/** What a rollback finds of the release that it returns to. */
export type Found = 'running' | 'stopped' | 'in the repository alone';

export interface RollbackOptions {
  readonly site: Site;
  readonly images: Images;
  readonly service: string;
}

const stopTimeoutMs = 10_000;
const bars: Readonly<Record<Found, number>> = { running: 1_000, stopped: 5_000, 'in the repository alone': 30_000 };

/** From the question what is there to the end of the switch, the probes of what is returned to included. */
export async function rollBack(options: RollbackOptions, { record, quick }: Context): Promise<void> {
  const runs = quick ? { running: 4, stopped: 1, 'in the repository alone': 1 } : null;
  for (const found of ['running', 'stopped', 'in the repository alone'] as const) {
    const samples: number[] = [];
    const count = runs?.[found] ?? 20;
    while (samples.length < count) samples.push(await rollbackMs(options, found));
    const name = `rollback to a release that is ${found}`;
    record({ name, unit: 'ms', samples, statistic: 'median' });
    const bar = { of: 'value', atMost: bars[found] } as const;
    record({ name: `${name}, p99`, unit: 'ms', samples, statistic: 'p99', bar });
  }
}

/** Rolls back once; the next time goes back again, or to the third of three images. */
export async function rollbackMs({ site, images, service }: RollbackOptions, found: Found): Promise<number> {
  const { blueGreen } = site;
  const target = await prepare({ site, images, service }, found);
  const ms = await elapsedMs(async () => {
    const { generation, instances } = await blueGreen.observe();
    const wanted = [{ service, digest: target.digest, configHash }];
    const moves = planMoves({ wanted, instances, generation, unwanted: [] });
    const [move] = moves;
    if (move === undefined || (move.kind !== 'start' && move.kind !== 'reuse'))
      throw wrong(`it plans to ${move?.kind}`);
    const key = { service, slot: move.slot };
    if (move.kind === 'start') await site.start(key, target);
    else await site.probe(key);
    await site.switchTo({ [service]: move.slot });
  });
  await requireLive(site, service, target);
  return ms;
}

/** Brings about what is to be found; returns the image to roll back to. */
async function prepare({ site, images, service }: RollbackOptions, found: Found): Promise<ServiceImage> {
  const { blueGreen } = site;
  const { generation, instances } = await blueGreen.observe();
  const live: Slot = generation?.slots[service] ?? 'blue';
  const idle: InstanceKey = { service, slot: otherSlot(live) };
  const digests = new Map(instances.filter((one) => one.service === service).map(({ slot, digest }) => [slot, digest]));
  const imageOf = (digest: string | undefined) => images.all.find((image) => image.digest === digest);
  const target =
    found === 'in the repository alone'
      ? images.all.find(({ digest }) => ![...digests.values()].includes(digest))
      : imageOf(digests.get(idle.slot));
  if (target === undefined) throw wrong(`there is no release to return to in ${service}`);
  if (found === 'running') {
    await site.start(idle, target);
  } else {
    await blueGreen.drain({ ...idle, deadlineMs: stopTimeoutMs });
    await blueGreen.stop({ ...idle, timeoutMs: stopTimeoutMs });
  }
  if (found === 'in the repository alone') await images.evict(target);
  return target;
}

async function requireLive(site: Site, service: string, target: ServiceImage): Promise<void> {
  const { generation, instances } = await site.blueGreen.observe();
  const live = instances.find((one) => one.service === service && one.slot === generation?.slots[service]);
  if (live?.digest !== target.digest || live.state !== 'running') throw wrong('what is live is another release');
}

function wrong(what: string): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', `this was no rollback: ${what}`, {
    hint: 'find out why: the time measured is no time of a rollback',
  });
}
