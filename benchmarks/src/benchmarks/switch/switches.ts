import { otherSlot, type Slot } from '@maestro/bluegreen';
import { systemClock } from '@maestro/core';

import type { Context } from '../../benchmark.ts';
import { recordLoad } from './load-figures.ts';
import { everyKind } from './load/load-plan.ts';
import { underLoad } from './load/under-load.ts';
import type { Site } from './site.ts';

export interface Switches {
  /** How long each took, from the check of the fence to the end of the rename. */
  readonly switchMs: readonly number[];
  /** From right before each rename to the last request that began on the slot whose traffic it took; 0 for none after it. */
  readonly lastNewMs: readonly number[];
}

// Long enough to see the last request on the old slot, however late: the next switch brings new ones there.
const pauseMs = 75;

/** Whether switches cost anybody a request, and how soon they hold for everybody. */
export async function switchUnderLoad(
  site: Site,
  { service, count }: { readonly service: string; readonly count: number },
  context: Context,
): Promise<void> {
  const plan = { targets: [site.target], clients: everyKind };
  const { load, result } = await underLoad(plan, context, () => switchTimes(site, { service, count }, context));

  const { record } = context;
  const times = { unit: 'ms', samples: result.switchMs } as const;
  record({ ...times, name: `${count} switches`, statistic: 'median' });
  record({ ...times, name: `${count} switches, p99`, statistic: 'p99' });
  record({
    name: 'from a switch to the last new request on the old slot, p99',
    unit: 'ms',
    samples: result.lastNewMs,
    statistic: 'p99',
    bar: { of: 'value', atMost: 50 },
  });
  const rate = [load.requests / load.seconds];
  // A load that stood still would lose nothing either.
  const enough = { of: 'value', atLeast: 1_000 } as const;
  record({ name: 'load meanwhile', unit: 'requests/s', samples: rate, statistic: 'median', bar: enough });
  record({
    name: 'requests on connections that were idle for 0 to 10 s',
    unit: 'requests',
    samples: [load.reusedAfterIdle],
    statistic: 'sum',
    bar: { of: 'value', atLeast: 1 },
  });
  recordLoad(context, { during: 'switching', load, none: ['failed', 'turned away'] });
}

export async function switchTimes(
  site: Site,
  { service, count }: { readonly service: string; readonly count: number },
  { signal }: Pick<Context, 'signal'>,
): Promise<Switches> {
  const urls = {
    blue: await site.urlOf({ service, slot: 'blue' }),
    green: await site.urlOf({ service, slot: 'green' }),
  };
  const { generation } = await site.blueGreen.observe({ signal });
  let live: Slot = generation?.slots[service] ?? 'blue';
  const switchMs: number[] = [];
  const lastNewMs: number[] = [];
  while (switchMs.length < count) {
    const old = live;
    live = otherSlot(old);
    const switched = await site.switchTo({ [service]: live });
    switchMs.push(switched.switchMs);
    await systemClock.sleep(pauseMs, signal);
    const last = await lastArrival(urls[old]);
    lastNewMs.push(last > switched.at ? Number(last - switched.at) / 1e6 : 0);
  }
  return { switchMs, lastNewMs };
}

/** When the last request began on an instance, by the clock that all processes of the machine share. */
async function lastArrival(url: string): Promise<bigint> {
  const answer = await fetch(`${url}/-/arrivals`);
  return BigInt(await answer.text());
}
