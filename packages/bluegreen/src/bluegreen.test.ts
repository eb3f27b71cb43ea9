import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import {
  type BlueGreenEvent,
  type InstanceSpec,
  leaving,
  openBlueGreen,
  planMoves,
  type ProbeResult,
  slotsAfter,
} from './index.ts';
import { MemoryRouter, MemoryRuntime } from './testing.ts';

const check = { path: '/health', timeoutMs: 200, intervalMs: 100, deadlineMs: 1_000 };
const labels = { release: 'r1', image: 'shop-api:demo-abc1234', configHash: 'c1' };
const topology = { listen: { host: '127.0.0.1', port: 0 }, services: [{ name: 'api', route: null }] };

function open({ health }: { readonly health?: () => ProbeResult } = {}) {
  const clock = new ManualClock();
  const router = new MemoryRouter({ clock });
  const runtime = new MemoryRuntime({ router, clock, health });
  const events: BlueGreenEvent[] = [];
  const environment = openBlueGreen({
    runtime,
    router,
    probe: runtime.probe,
    clock,
    onEvent: (event) => events.push(event),
  });
  return { clock, router, runtime, events, environment };
}

function specOf(slot: 'blue' | 'green', digest: string): InstanceSpec {
  return { ...labels, service: 'api', slot, digest, command: ['serve'], environment: {}, secrets: {} };
}

describe('a release', () => {
  it('goes from the first deployment to the second by the stages in their order', async () => {
    const { router, environment } = open();
    await environment.reach(topology);
    for (const [digest, slot] of [
      ['sha256:one', 'blue'],
      ['sha256:two', 'green'],
    ] as const) {
      const before = await environment.observe();
      const moves = planMoves({ ...before, wanted: [{ service: 'api', digest, configHash: 'c1' }], unwanted: [] });
      expect(moves).toMatchObject([{ kind: 'start', slot }]);
      await environment.start(specOf(slot, digest));
      await environment.probe({ service: 'api', slot, check, host: null });
      const slots = slotsAfter(before.generation, moves);
      await environment.switchTo({ release: 'r1', slots, expected: before.generation?.number ?? null });
      for (const key of leaving(moves)) {
        expect(await environment.drain({ ...key, deadlineMs: 1_000 })).toEqual({ left: 0 });
        await environment.stop({ ...key, timeoutMs: 1_000 });
      }
      expect(router.live?.slots).toEqual({ api: slot });
    }
    expect((await environment.observe()).instances).toMatchObject([
      { slot: 'blue', state: 'stopped' },
      { slot: 'green', state: 'running' },
    ]);
  });

  it('is not switched to when its new version is not healthy', async () => {
    const { clock, environment } = open({
      health: () => ({ healthy: false, reason: 'status', detail: 'answered 503' }),
    });
    await environment.reach(topology);
    await environment.start(specOf('blue', 'sha256:one'));
    const probed = expect(environment.probe({ service: 'api', slot: 'blue', check, host: null })).rejects.toMatchObject(
      {
        code: 'BLUEGREEN_HEALTH_TIMEOUT',
      },
    );
    await clock.advance(1_000);
    await probed;
  });
});

describe('a switch', () => {
  it('makes what gets the traffic come back by itself', async () => {
    const { runtime, environment } = open();
    await environment.reach(topology);
    await environment.start(specOf('blue', 'sha256:one'));
    await environment.switchTo({ release: 'r1', slots: { api: 'blue' }, expected: null });
    runtime.crash({ service: 'api', slot: 'blue' });
    expect((await environment.observe()).instances).toMatchObject([{ state: 'running', restarts: 1 }]);
  });
});

describe('drain', () => {
  const key = { service: 'api', slot: 'blue' } as const;

  async function busy() {
    const opened = open();
    const { services } = await opened.environment.reach(topology);
    await opened.environment.switchTo({ release: 'r1', slots: { api: 'blue' }, expected: null });
    return { ...opened, ends: [1, 2].map(() => opened.router.begin(services.api ?? '')) };
  }

  it('waits for the last request, and tells how many are left each time that changes', async () => {
    const { clock, environment, events, ends } = await busy();
    const drained = environment.drain({ ...key, deadlineMs: 1_000 });
    await clock.advance(100);
    ends[0]?.();
    await clock.advance(100);
    ends[1]?.();
    await clock.advance(25);
    expect(await drained).toEqual({ left: 0 });
    expect(events.map((event) => ('requests' in event ? event.requests : event.type))).toEqual([2, 1, 'drained']);
  });

  it('returns at its deadline with how many are left', async () => {
    const { clock, environment, events } = await busy();
    const drained = environment.drain({ ...key, deadlineMs: 1_000 });
    await clock.advance(1_000);
    expect(await drained).toEqual({ left: 2 });
    expect(events.at(-1)).toMatchObject({ type: 'drained', cut: 2, elapsedMs: 1_000 });
  });

  it.each([
    [200, { requests: 0, connections: 3 }, 200],
    [3_000, { requests: 0, connections: 3 }, 3_000],
    [3_000, { requests: 2, connections: 0 }, 1_000],
    [200, { requests: 2, connections: 3 }, 1_000],
  ])('gives long-lived connections %i ms of their own, with %j', async (longLivedDeadlineMs, inFlight, tookMs) => {
    const { clock, router, environment, events } = await busy();
    router.inFlight = () => Promise.resolve(inFlight);
    const drained = environment.drain({ ...key, deadlineMs: 1_000, longLivedDeadlineMs });
    await clock.advance(5_000);
    expect(await drained).toEqual({ left: inFlight.requests + inFlight.connections });
    expect(events.at(-1)).toMatchObject({ type: 'drained', elapsedMs: tookMs });
  });

  it('ends with the reason of its signal', async () => {
    const { environment } = await busy();
    const stop = new AbortController();
    const drained = environment.drain({ ...key, deadlineMs: 1_000, signal: stop.signal });
    stop.abort(new Error('stopped by the operator'));
    await expect(drained).rejects.toThrow('stopped by the operator');
  });
});
