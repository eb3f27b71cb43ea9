import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { type BlueGreenEvent, type InstanceSpec, openBlueGreen, type TrafficSource } from './index.ts';
import { MemoryRouter, MemoryRuntime, MemoryTraffic } from './testing.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const green = { service: 'api', slot: 'green' } as const;
const bakeMs = 60_000;

/** An environment in which green has just taken the traffic over from blue; `web` is new. */
async function switched({ source = undefined as TrafficSource | null | undefined } = {}) {
  const clock = new ManualClock();
  const router = new MemoryRouter({ clock });
  const runtime = new MemoryRuntime({ router, clock });
  const memory = new MemoryTraffic();
  const logger = new RecordingLogger();
  const events: BlueGreenEvent[] = [];
  const traffic = source === undefined ? memory : (source ?? undefined);
  const blueGreen = openBlueGreen({ runtime, router, traffic, clock, logger, onEvent: (event) => events.push(event) });
  await blueGreen.start(specOf(blue));
  const first = await blueGreen.switchTo({ release: 'r1', slots: { api: 'blue' }, expected: null });
  await clock.advance(60_000);
  await blueGreen.start(specOf(green));
  await blueGreen.start(specOf({ service: 'web', slot: 'blue' }));
  const slots = { api: 'green', web: 'blue' } as const;
  const second = await blueGreen.switchTo({ release: 'r2', slots, expected: first.generation.number });
  const start = clock.now();
  /** Traffic of green from a time on, ten requests a second. */
  const serve = (fromMs: number, untilMs: number, failed: boolean) => {
    for (let atMs = start + fromMs; atMs < start + untilMs; atMs += 100)
      memory.add(green, { atMs, durationMs: 20, failed });
  };
  for (let atMs = start - 60_000; atMs < start; atMs += 100) memory.add(blue, { atMs, durationMs: 20, failed: false });
  const options = { generation: second.generation, previous: first.generation, bakeMs };
  return { clock, router, runtime, blueGreen, events, logger, serve, options };
}

function specOf(key: { readonly service: string; readonly slot: 'blue' | 'green' }): InstanceSpec {
  const labels = { release: key.slot, image: 'shop-api:demo-1', digest: `sha256:${key.slot}`, configHash: 'c1' };
  return { ...labels, ...key, command: ['serve'], environment: {}, secrets: {} };
}

it('keeps what is well, and tells of which services it knows too little', async () => {
  const { clock, router, blueGreen, events, serve, options } = await switched();
  serve(0, bakeMs, false);
  const baked = blueGreen.bake(options);
  await clock.advance(bakeMs);
  expect(await baked).toEqual({ kind: 'kept', unjudged: ['web'] });
  expect(router.live).toEqual(options.generation);
  expect(events).toMatchObject([
    { type: 'bake-started', services: ['api', 'web'], bakeMs },
    { type: 'bake-finished', services: ['api', 'web'], unjudged: ['web'] },
  ]);
});

it('switches everything back once a new version fails, within 10 s', async () => {
  const { clock, router, blueGreen, events, serve, options } = await switched();
  serve(0, 20_000, false);
  serve(20_000, bakeMs, true);
  let fenced = 0;
  const baked = blueGreen.bake({ ...options, fence: () => (fenced += 1) });
  await clock.advance(30_000);
  expect(await baked).toMatchObject({
    kind: 'returned',
    generation: { release: 'r1', slots: { api: 'blue' } },
    worse: [{ ...green, findings: [{ kind: 'errors' }] }],
  });
  expect(fenced).toBe(1);
  expect(router.live).toMatchObject({ release: 'r1', slots: { api: 'blue' } });
  expect(events.slice(1)).toMatchObject([
    { type: 'found-worse', ...green, kind: 'errors' },
    { type: 'switched-back', services: ['api', 'web'], generation: router.live?.number },
  ]);
});

it('does not switch back to what runs no more', async () => {
  const { clock, router, runtime, blueGreen, serve, options } = await switched();
  serve(0, bakeMs, true);
  await runtime.stop({ ...blue, timeoutMs: 1_000 });
  const baked = blueGreen.bake(options);
  await clock.advance(20_000);
  expect(await baked).toMatchObject({ kind: 'stranded', missing: [blue] });
  expect(router.live).toEqual(options.generation);
});

it('switches back from what keeps ending, and allows one restart', async () => {
  const { clock, runtime, blueGreen, options } = await switched({ source: null });
  const baked = blueGreen.bake(options);
  await clock.advance(1_500);
  runtime.crash(green);
  await clock.advance(5_000);
  expect((await blueGreen.observe()).generation).toEqual(options.generation);
  runtime.crash(green);
  await clock.advance(1_000);
  expect(await baked).toMatchObject({ kind: 'returned', worse: [{ findings: [{ kind: 'restarts' }] }] });
});

it('switches back from what has ended for good', async () => {
  const { clock, runtime, blueGreen, options } = await switched({ source: null });
  const observe = runtime.observe.bind(runtime);
  runtime.observe = async () => (await observe()).filter(({ service, slot }) => service !== 'api' || slot !== 'green');
  const baked = blueGreen.bake(options);
  await clock.advance(2_000);
  expect(await baked).toMatchObject({ kind: 'returned', worse: [{ ...green, findings: [{ kind: 'down' }] }] });
});

it('goes on where a deployer was cut off: only what is left of the time is watched, all of it is judged', async () => {
  const { clock, runtime, blueGreen, serve, options } = await switched();
  serve(0, bakeMs, false);
  await clock.advance(50_000);
  const baked = blueGreen.bake(options);
  await clock.advance(10_000);
  expect(await baked).toEqual({ kind: 'kept', unjudged: ['web'] });
  // Two restarts, of which the second is seen: the first one shows in the time at which the instance started.
  runtime.crash(green);
  const late = blueGreen.bake({ ...options, bakeMs: 120_000 });
  await clock.advance(1_500);
  runtime.crash(green);
  await clock.advance(2_000);
  expect(await late).toMatchObject({ kind: 'returned', worse: [{ findings: [{ kind: 'restarts' }] }] });
});

it('leaves the traffic where it is when it is aborted', async () => {
  const { clock, router, blueGreen, options } = await switched();
  const stop = new AbortController();
  const baked = blueGreen.bake({ ...options, signal: stop.signal });
  const rejected = expect(baked).rejects.toThrow('stopped by the operator');
  await clock.advance(5_000);
  stop.abort(new Error('stopped by the operator'));
  await rejected;
  expect(router.live).toEqual(options.generation);
});

it("neither judges nor undoes somebody else's switch", async () => {
  const { clock, router, blueGreen, serve, options } = await switched();
  serve(0, bakeMs, true);
  const { number } = options.generation;
  const { generation } = await router.switchTo({ release: 'r3', slots: { api: 'green' }, expected: number });
  const rejected = expect(blueGreen.bake(options)).rejects.toMatchObject({ code: 'BLUEGREEN_GENERATION_MOVED' });
  await clock.advance(2_000);
  await rejected;
  expect(router.live).toEqual(generation);
});

it.each([
  ['fails', () => Promise.reject(new Error('the log is gone'))],
  ['hangs', () => new Promise<never>(() => undefined)],
])('is not steered by a source that %s', async (_, of) => {
  const { clock, blueGreen, logger, options } = await switched({ source: { of } });
  const baked = blueGreen.bake(options);
  await clock.advance(bakeMs);
  expect(await baked).toEqual({ kind: 'kept', unjudged: ['api', 'web'] });
  expect(logger.lines.some(({ level }) => level === 'warn')).toBe(true);
});

it('sees what ends also while its traffic cannot be read', async () => {
  const of = () => Promise.reject(new Error('the log is gone'));
  const { clock, runtime, blueGreen, options } = await switched({ source: { of } });
  const observe = runtime.observe.bind(runtime);
  runtime.observe = async () => (await observe()).filter(({ service, slot }) => service !== 'api' || slot !== 'green');
  const baked = blueGreen.bake(options);
  await clock.advance(2_000);
  expect(await baked).toMatchObject({ kind: 'returned', worse: [{ ...green, findings: [{ kind: 'down' }] }] });
});
