import { type BakeOutcome, type Generation, otherSlot, type RoutedService } from '@maestro/bluegreen';
import { systemClock } from '@maestro/core';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { Images } from './images.ts';
import type { ClientsPlan } from './load/load-plan.ts';
import { underLoad } from './load/under-load.ts';
import { type Place, say } from './place.ts';
import { openSite, type Site } from './site.ts';

/** How a release begins to fail: with a share of its requests, or by ending again and again. */
type Failure = '1' | '0.1' | 'crash';

// Enough to judge by, and so little that many releases are judged at the same time.
const clients: readonly ClientsPlan[] = [
  { transport: 'HTTP/1.1', errand: 'GET', count: 3, pace: { everyMs: 50 } },
  { transport: 'HTTP/1.1', errand: 'POST', count: 3, pace: { everyMs: 50 } },
];
const goodBakeMs = 5_000;
// Long enough to miss the bar by.
const failingBakeMs = 30_000;
// A release that begins to fail some time after it got its traffic.
const wellMs = 3_000;

export interface BakeSite extends Site {
  readonly services: readonly string[];
}

/** How soon a failing release is back on the old slot, and whether a good one ever is. */
export async function bakeReleases(place: Place, images: Images, context: Context): Promise<void> {
  const { quick, record } = context;
  const failures: readonly Failure[] = quick ? ['1'] : ['1', '0.1', '1', '0.1', '1', '0.1', 'crash'];
  const { services, releases } = quick ? { services: 1, releases: 0 } : { services: 5, releases: 20 };
  const site = await openBakeSite(place, images, services);
  const { good, failing } = await underLoadOnAll(site, context, async () => {
    const outcomes: BakeOutcome[] = [];
    while (outcomes.length < releases) outcomes.push(await bakeGood(site, context));
    const samples: number[] = [];
    for (const failure of failures) samples.push((await bakeFailing(site, failure, context)).ms / 1_000);
    return { good: outcomes, failing: samples };
  });

  if (!quick) recordGood(good, { services, releases }, context);
  const soon = { of: 'value', atMost: 10 } as const;
  const name = 'from the first failure to the old slot, p99';
  record({ name, unit: 's', samples: failing, statistic: 'p99', bar: soon });
}

function recordGood(
  outcomes: readonly BakeOutcome[],
  { services, releases }: { readonly services: number; readonly releases: number },
  { record }: Context,
): void {
  const unit = 'new versions';
  const judged = outcomes.map((outcome) => (outcome.kind === 'kept' ? services - outcome.unjudged.length : 0));
  const all = { of: 'value', atLeast: services * releases } as const;
  record({ name: 'good new versions judged and kept', unit, samples: judged, statistic: 'sum', bar: all });
  const worse = outcomes.map((outcome) => (outcome.kind === 'kept' ? 0 : outcome.worse.length));
  const none = { of: 'value', atMost: 0 } as const;
  record({ name: 'good new versions found worse', unit, samples: worse, statistic: 'sum', bar: none });
}

export async function openBakeSite(place: Place, images: Images, count: number): Promise<BakeSite> {
  const services = Array.from({ length: count }, (_, index) => `service-${index}`);
  const routed = services.map((name): RoutedService => ({ name, route: { host: `${name}.example.org`, path: '/' } }));
  const site = await openSite(place, { name: 'bake', services: routed, images });
  const [first, second] = images.all;
  if (first === undefined || second === undefined) throw new Error('two images are needed');
  await Promise.all(
    services.flatMap((service) => [
      site.start({ service, slot: 'blue' }, first),
      site.start({ service, slot: 'green' }, second),
    ]),
  );
  await site.switchTo(Object.fromEntries(services.map((service) => [service, 'blue'])));
  return { ...site, services };
}

/** One release of all services, none of which fails. */
export async function bakeGood(site: BakeSite, { signal }: Pick<Context, 'signal'>): Promise<BakeOutcome> {
  const { generation, previous } = await release(site);
  return site.blueGreen.bake({ generation, previous, bakeMs: goodBakeMs, signal });
}

/**
 * One release of all services, of which the first begins to fail; returns how long it then had its traffic. One that is kept
 * has it to the end of the bake, and then loses it by hand.
 */
export async function bakeFailing(
  site: BakeSite,
  failure: Failure,
  { signal }: Pick<Context, 'signal'>,
): Promise<{ readonly ms: number; readonly kind: BakeOutcome['kind'] }> {
  const { blueGreen, services } = site;
  const [service = ''] = services;
  const { generation, previous } = await release(site);
  const url = await site.urlOf({ service, slot: generation.slots[service] ?? 'blue' });
  const baking = blueGreen.bake({ generation, previous, bakeMs: failingBakeMs, signal });
  const [outcome, ms] = await Promise.all([baking, beginToFail(url, failure, baking, signal)]);
  if (outcome.kind !== 'returned') {
    say(`a release that fails (${failure}) is ${outcome.kind} after ${Math.round(ms)} ms`);
    await site.switchTo(previous.slots);
  }
  if (failure !== 'crash') await fetch(`${url}/-/fail?how=0`);
  return { ms, kind: outcome.kind };
}

async function beginToFail(
  url: string,
  failure: Failure,
  baking: Promise<BakeOutcome>,
  signal: AbortSignal,
): Promise<number> {
  await systemClock.sleep(wellMs, signal);
  await fetch(`${url}/-/fail?how=${failure}`);
  return elapsedMs(() => baking);
}

async function release(site: BakeSite): Promise<{ readonly generation: Generation; readonly previous: Generation }> {
  const previous = await liveGeneration(site);
  const slots = Object.entries(previous.slots).map(([service, slot]) => [service, otherSlot(slot)] as const);
  await site.switchTo(Object.fromEntries(slots));
  return { previous, generation: await liveGeneration(site) };
}

async function liveGeneration({ blueGreen }: Site): Promise<Generation> {
  const { generation } = await blueGreen.observe();
  if (generation === null) throw new Error('nothing is live');
  return generation;
}

export async function underLoadOnAll<T>(
  { services, target }: BakeSite,
  context: Pick<Context, 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const targets = services.map((name) => ({ ...target, name: `${name}.example.org` }));
  const { result } = await underLoad({ targets, clients }, context, work);
  return result;
}
