import { describe, expect, it } from 'vitest';

import { between, oneOf, type Random, randomOf } from './random.ts';
import { type Behaviour, simulateBake, simulateCanary, type SimulatedRelease } from './simulated-release.ts';

const releases = process.env.MAESTRO_NIGHTLY === 'true' ? 1_000 : 100;
const lengthMs = 120_000;
const longestTestMs = 600_000;

/** A release that is as good as the version before, on a machine as machines are: with cold starts, pauses and errors in clusters. */
function goodRelease(random: Random): SimulatedRelease {
  const errorRate = oneOf(random, [0, 0.000_1, 0.001, 0.01, 0.05]);
  const cluster = oneOf(random, [1, 1, 3, 5]);
  const medianMs = between(random, 3, 200);
  const spread = between(random, 0.3, 1.2);
  const faster = between(random, 0.8, 1.2);
  const pauseMs = between(random, 20_000, 60_000);
  const usual = (timeMs: number): Behaviour => {
    const paused = (timeMs + historyOffset) % pauseMs < 500;
    return { errorRate, cluster, spread, medianMs: paused ? medianMs + 800 : medianMs };
  };
  return {
    random,
    requestsPerSecond: oneOf(random, [0.5, 2, 10, 30]),
    lengthMs,
    live: usual,
    next: (timeMs) => {
      const behaviour = usual(timeMs);
      const cold = 1 + 5 * Math.exp(-timeMs / 2_000);
      return { ...behaviour, medianMs: behaviour.medianMs * faster * cold };
    },
  };
}

// So that pauses do not begin with the release.
const historyOffset = 1_000_000;

const good: Behaviour = { errorRate: 0.001, medianMs: 20, spread: 0.6 };

/** A release that is good for a while and then turns. */
function turning(seed: number, requestsPerSecond: number, afterMs: number, bad: Partial<Behaviour>): SimulatedRelease {
  return {
    random: randomOf(seed),
    requestsPerSecond,
    lengthMs,
    live: () => good,
    next: (timeMs) => (timeMs < afterMs ? good : { ...good, ...bad }),
  };
}

/** How long after it turned a release was taken back; undefined when it was not. */
async function takenBackAfter(release: SimulatedRelease, afterMs: number): Promise<number | undefined> {
  const { clock, blueGreen, previous, generation } = await simulateBake(release);
  const start = clock.now();
  let endedAt = 0;
  const baking = blueGreen.bake({ generation, previous, bakeMs: lengthMs }).finally(() => {
    endedAt = clock.now();
  });
  await clock.advance(lengthMs);
  const { kind } = await baking;
  return kind === 'returned' ? endedAt - start - afterMs : undefined;
}

describe('the bake of a release', () => {
  it(
    `gives no false alarm in ${releases} good releases`,
    async () => {
      const alarms: string[] = [];
      for (let seed = 1; seed <= releases; seed += 1) {
        const { clock, blueGreen, previous, generation } = await simulateBake(goodRelease(randomOf(seed)));
        const baking = blueGreen.bake({ generation, previous, bakeMs: lengthMs });
        await clock.advance(lengthMs);
        const outcome = await baking;
        if (outcome.kind !== 'kept') alarms.push(`seed ${seed}: ${JSON.stringify(outcome.worse)}`);
      }
      expect(alarms).toEqual([]);
    },
    longestTestMs,
  );

  it.each([
    ['every request fails', 10, { errorRate: 1 }],
    ['half of the requests fail', 10, { errorRate: 0.5 }],
    ['a fifth of the requests fail', 30, { errorRate: 0.2 }],
    ['requests take ten times as long', 30, { medianMs: 200 }],
  ] as const)('is over within 10 s once %s', async (_, requestsPerSecond, bad) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const afterMs = 20_000 + seed * 1_000;
      const tookMs = await takenBackAfter(turning(seed, requestsPerSecond, afterMs, bad), afterMs);
      expect(tookMs, `seed ${seed}`).toBeLessThanOrEqual(10_000);
      expect(tookMs, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it('is over within 10 s when a release fails from its first request on', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      expect(await takenBackAfter(turning(seed, 10, 0, { errorRate: 1 }), 0)).toBeLessThanOrEqual(10_000);
    }
  });

  it('also finds what fails rarely', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      expect(await takenBackAfter(turning(seed, 30, 0, { errorRate: 0.05 }), 0)).toBeLessThanOrEqual(60_000);
    }
  });
});

describe('a canary', () => {
  const steps = [{ percent: 10, forMs: lengthMs }];

  it(
    `gives no false alarm in ${releases} good releases`,
    async () => {
      const alarms: string[] = [];
      for (let seed = 1; seed <= releases; seed += 1) {
        const { clock, blueGreen, generation } = await simulateCanary(goodRelease(randomOf(seed)), 10);
        const trying = blueGreen.canary({ generation, services: ['api'], steps });
        await clock.advance(lengthMs);
        const outcome = await trying;
        if (outcome.kind !== 'passed') alarms.push(`seed ${seed}: ${JSON.stringify(outcome.worse)}`);
      }
      expect(alarms).toEqual([]);
    },
    longestTestMs,
  );

  it('is not blamed for what fails on the live version as well', async () => {
    const release = turning(1, 30, 0, { errorRate: 0.3 });
    const { clock, blueGreen, generation } = await simulateCanary({ ...release, live: release.next }, 10);
    const trying = blueGreen.canary({ generation, services: ['api'], steps });
    await clock.advance(lengthMs);
    expect(await trying).toMatchObject({ kind: 'passed', unjudged: [] });
  });

  it('is taken back within 30 s when half of its three requests a second fail', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const release = turning(seed, 30, 0, { errorRate: 0.5 });
      const { clock, blueGreen, generation } = await simulateCanary(release, 10);
      const start = clock.now();
      let tookMs = 0;
      const trying = blueGreen.canary({ generation, services: ['api'], steps }).finally(() => {
        tookMs = clock.now() - start;
      });
      await clock.advance(lengthMs);
      expect(await trying).toMatchObject({ kind: 'returned', worse: [{ service: 'api', slot: 'green' }] });
      expect(tookMs, `seed ${seed}`).toBeLessThanOrEqual(30_000);
    }
  });
});
