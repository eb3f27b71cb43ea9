import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { type BlueGreenEvent, type InstanceSpec, openBlueGreen, type TrafficSource } from './index.ts';
import { MemoryRouter, MemoryRuntime, MemoryTraffic } from './testing.ts';

const stepMs = 60_000;
const steps = [
  { percent: 10, forMs: stepMs },
  { percent: 50, forMs: stepMs },
];

/** An environment in which blue is live and green is healthy beside it. */
async function beside({ source = undefined as TrafficSource | null | undefined } = {}) {
  const clock = new ManualClock();
  const router = new MemoryRouter({ clock });
  const runtime = new MemoryRuntime({ router, clock });
  const memory = new MemoryTraffic();
  const events: BlueGreenEvent[] = [];
  const traffic = source === undefined ? memory : (source ?? undefined);
  const blueGreen = openBlueGreen({ runtime, router, traffic, clock, onEvent: (event) => events.push(event) });
  for (const slot of ['blue', 'green'] as const) await blueGreen.start(specOf(slot));
  const { generation } = await blueGreen.switchTo({
    release: 'r1',
    slots: { api: 'blue', web: 'blue' },
    expected: null,
  });
  const start = clock.now();
  for (let atMs = start; atMs < start + 3 * stepMs; atMs += 100) {
    memory.add({ service: 'api', slot: 'blue' }, { atMs, durationMs: 20, failed: false });
  }
  /** Traffic of green from a time on, five requests a second. */
  const serve = (fromMs: number, untilMs: number, failed: boolean) => {
    for (let atMs = start + fromMs; atMs < start + untilMs; atMs += 200) {
      memory.add({ service: 'api', slot: 'green' }, { atMs, durationMs: 20, failed });
    }
  };
  return { clock, router, runtime, blueGreen, events, serve, options: { generation, services: ['api'], steps } };
}

function specOf(slot: 'blue' | 'green'): InstanceSpec {
  const labels = { release: slot, image: 'shop-api:demo-1', digest: `sha256:${slot}`, configHash: 'c1' };
  return { ...labels, service: 'api', slot, command: ['serve'], environment: {}, secrets: {} };
}

it('gives a new version more and more of the traffic, and leaves the last step to the switch', async () => {
  const { clock, router, blueGreen, events, serve, options } = await beside();
  serve(0, 2 * stepMs, false);
  const tried = blueGreen.canary(options);
  await clock.advance(stepMs / 2);
  expect(router.live).toMatchObject({ release: 'r1', slots: options.generation.slots, canaryPercents: { api: 10 } });
  await clock.advance(stepMs);
  expect(router.live?.canaryPercents).toEqual({ api: 50 });
  await clock.advance(stepMs / 2);
  expect(await tried).toEqual({ kind: 'passed', generation: router.live, unjudged: [] });
  expect(router.live?.canaryPercents).toEqual({ api: 50 });
  expect(events.map((event) => ('percent' in event ? event.percent : event.type))).toEqual([10, 50]);
});

it('takes all traffic back from a version that fails, and leaves the canaries of others', async () => {
  const { clock, router, blueGreen, events, serve, options } = await beside();
  const { slots, number } = options.generation;
  const canaryPercents = { web: 20 };
  const { generation } = await router.switchTo({ release: 'r1', slots, canaryPercents, expected: number });
  serve(0, stepMs, true);
  const tried = blueGreen.canary({ ...options, generation });
  await clock.advance(stepMs);
  expect(await tried).toMatchObject({ kind: 'returned', worse: [{ service: 'api', slot: 'green' }] });
  expect(router.live).toMatchObject({ release: 'r1', slots, canaryPercents: { web: 20 } });
  expect(events.map(({ type }) => type)).toEqual(['canary-step', 'found-worse', 'switched-back']);
});

it('takes all traffic back from a version that ends', async () => {
  const { clock, router, runtime, blueGreen, options } = await beside();
  const tried = blueGreen.canary(options);
  await clock.advance(1_500);
  runtime.crash({ service: 'api', slot: 'green' });
  await clock.advance(2_000);
  expect(await tried).toMatchObject({ kind: 'returned', worse: [{ findings: [{ kind: 'down' }] }] });
  expect(router.live?.canaryPercents ?? {}).toEqual({});
});

it('passes with too few requests, and says so of each step', async () => {
  const { clock, blueGreen, events, options } = await beside();
  const tried = blueGreen.canary(options);
  await clock.advance(2 * stepMs);
  const services = ['api'];
  const unjudged = [
    { percent: 10, services },
    { percent: 50, services },
  ];
  expect(await tried).toMatchObject({ kind: 'passed', unjudged });
  expect(events.filter(({ type }) => type === 'canary-unjudged')).toMatchObject(unjudged);
});

it('says of each step whether it was judged, not of the last one alone', async () => {
  const { clock, blueGreen, serve, options } = await beside();
  serve(stepMs, 2 * stepMs, false);
  const tried = blueGreen.canary(options);
  await clock.advance(2 * stepMs);
  expect(await tried).toMatchObject({ kind: 'passed', unjudged: [{ percent: 10, services: ['api'] }] });
});

it('goes on with the step at which a deployer was cut off', async () => {
  const { clock, router, blueGreen, events, options } = await beside();
  const { slots, number } = options.generation;
  const canaryPercents = { api: 50 };
  const { generation } = await router.switchTo({ release: 'r1', slots, canaryPercents, expected: number });
  await clock.advance(stepMs - 5_000);
  const tried = blueGreen.canary({ ...options, generation });
  await clock.advance(5_000);
  expect(await tried).toMatchObject({ kind: 'passed', generation });
  expect(events[0]).toMatchObject({ type: 'canary-step', percent: 50 });
});

it('takes all traffic back when it is aborted', async () => {
  const { clock, router, blueGreen, options } = await beside();
  const stop = new AbortController();
  const rejected = expect(blueGreen.canary({ ...options, signal: stop.signal })).rejects.toThrow('the operator');
  await clock.advance(5_000);
  stop.abort(new Error('stopped by the operator'));
  await rejected;
  expect(router.live).toMatchObject({ release: 'r1', slots: options.generation.slots });
  expect(router.live?.canaryPercents ?? {}).toEqual({});
});

it('takes all traffic back when a step ends without having seen any of it', async () => {
  const reason = new Error('the log is gone');
  const { clock, router, blueGreen, options } = await beside({ source: { of: () => Promise.reject(reason) } });
  const rejected = expect(blueGreen.canary(options)).rejects.toBe(reason);
  await clock.advance(stepMs);
  await rejected;
  expect(router.live?.canaryPercents ?? {}).toEqual({});
});

it("does not undo somebody else's switch", async () => {
  const { clock, router, blueGreen, options } = await beside();
  const rejected = expect(blueGreen.canary(options)).rejects.toMatchObject({ code: 'BLUEGREEN_GENERATION_MOVED' });
  await clock.advance(5_000);
  const expected = router.live?.number ?? null;
  const { generation } = await router.switchTo({ release: 'r3', slots: { api: 'green' }, expected });
  await clock.advance(2_000);
  await rejected;
  expect(router.live).toEqual(generation);
});

it('needs a live version to stand beside, and traffic to judge by', async () => {
  const { blueGreen, options } = await beside();
  const unknown = blueGreen.canary({ ...options, services: ['new'] });
  await expect(unknown).rejects.toMatchObject({ code: 'BLUEGREEN_UNKNOWN_SERVICE' });
  const blind = await beside({ source: null });
  const tried = blind.blueGreen.canary(blind.options);
  await expect(tried).rejects.toMatchObject({ code: 'BLUEGREEN_TRAFFIC_UNREADABLE' });
});
