import { ManualClock } from '@maestro/core/testing';

import {
  type BlueGreen,
  type Generation,
  type InstanceSpec,
  openBlueGreen,
  type TrafficSource,
} from '../../src/index.ts';
import { MemoryRouter, MemoryRuntime, MemoryTraffic } from '../../src/testing.ts';
import type { Random } from './random.ts';

/** How a version answers at one moment. */
export interface Behaviour {
  readonly errorRate: number;
  readonly medianMs: number;
  /** How far durations spread: the standard deviation of their logarithm. */
  readonly spread: number;
  /** How many requests in a row share the fate of one that fails, as those of one page do. */
  readonly cluster?: number;
}

export interface SimulatedRelease {
  readonly random: Random;
  readonly requestsPerSecond: number;
  /** Each at a time in milliseconds since the new version got its traffic. */
  readonly live: (timeMs: number) => Behaviour;
  readonly next: (timeMs: number) => Behaviour;
  readonly lengthMs: number;
}

export interface Simulation {
  readonly clock: ManualClock;
  readonly blueGreen: BlueGreen;
  readonly traffic: MemoryTraffic;
  /** What was live before, and what is live at the time 0. */
  readonly previous: Generation;
  readonly generation: Generation;
}

const before = { service: 'api', slot: 'blue' } as const;
const next = { service: 'api', slot: 'green' } as const;
const historyMs = 600_000;

/** All traffic goes to the new version from the time 0 on. */
export async function simulateBake(release: SimulatedRelease): Promise<Simulation> {
  const simulation = await prepare(async (router, live) => {
    const { generation } = await router.switchTo({ release: 'r2', slots: { api: 'green' }, expected: live.number });
    return generation;
  });
  const start = simulation.clock.now();
  for (const [timeMs] of arrivals(release, -historyMs)) {
    const [key, behaviour] = timeMs < 0 ? [before, release.live(timeMs)] : [next, release.next(timeMs)];
    answer(simulation.traffic, key, start + timeMs, behaviour, release);
  }
  return simulation;
}

/** The new version gets a share of the traffic from the time 0 on. */
export async function simulateCanary(release: SimulatedRelease, percent: number): Promise<Simulation> {
  const simulation = await prepare((_, live) => Promise.resolve(live));
  const start = simulation.clock.now();
  for (const [timeMs, share] of arrivals(release, 0)) {
    const [key, behaviour] = share * 100 < percent ? [next, release.next(timeMs)] : [before, release.live(timeMs)];
    answer(simulation.traffic, key, start + timeMs, behaviour, release);
  }
  return simulation;
}

async function prepare(release: (router: MemoryRouter, live: Generation) => Promise<Generation>): Promise<Simulation> {
  const clock = new ManualClock();
  const router = new MemoryRouter({ clock });
  const runtime = new MemoryRuntime({ router, clock });
  const traffic = new MemoryTraffic();
  await router.apply({ listen: { host: '127.0.0.1', port: 0 }, services: [{ name: 'api', route: null }] });
  await runtime.start(specOf('blue'));
  const { generation: previous } = await router.switchTo({ release: 'r1', slots: { api: 'blue' }, expected: null });
  await clock.advance(historyMs);
  await runtime.start(specOf('green'));
  const generation = await release(router, previous);
  const blueGreen = openBlueGreen({ runtime, router, traffic: behind(traffic, clock), clock });
  return { clock, blueGreen, traffic, previous, generation };
}

/** As far behind as a source may be. */
function behind(traffic: TrafficSource, clock: ManualClock): TrafficSource {
  return {
    of: ({ untilMs = Infinity, ...window }) =>
      traffic.of({ ...window, untilMs: Math.min(untilMs, clock.now() - 2_000) }),
  };
}

function specOf(slot: 'blue' | 'green'): InstanceSpec {
  const labels = { release: slot, image: 'shop-api:demo-abc1234', digest: `sha256:${slot}`, configHash: 'c1' };
  return { ...labels, service: 'api', slot, command: ['serve'], environment: {}, secrets: {} };
}

/** Requests come at random, independently of one another; each with a random share for whom it goes to. */
function* arrivals(
  { random, requestsPerSecond, lengthMs }: SimulatedRelease,
  fromMs: number,
): Generator<readonly [number, number]> {
  for (let timeMs = fromMs; timeMs < lengthMs; timeMs += (-Math.log(1 - random()) * 1_000) / requestsPerSecond) {
    yield [timeMs, random()];
  }
}

function answer(
  traffic: MemoryTraffic,
  key: typeof before | typeof next,
  atMs: number,
  { errorRate, medianMs, spread, cluster = 1 }: Behaviour,
  { random }: SimulatedRelease,
): void {
  const count = random() < errorRate / cluster ? cluster : 1;
  for (let index = 0; index < count; index += 1) {
    const failed = count > 1 || (cluster === 1 && random() < errorRate);
    traffic.add(key, { atMs, durationMs: medianMs * Math.exp(spread * normal(random)), failed });
  }
}

/** Box and Muller's way from two even random numbers to a normal one. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
