import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { type ExpectedService, type InstanceSpec, openBlueGreen, type ProbeResult } from './index.ts';
import { MemoryRouter, MemoryRuntime } from './testing.ts';

const check = { path: '/health', timeoutMs: 500, intervalMs: 100, deadlineMs: 1_000 };
const api: ExpectedService = { service: 'api', check, host: null };
const mailer: ExpectedService = {
  service: 'mailer',
  strategy: { kind: 'worker', successor: 'beside' },
  check,
  host: null,
};

async function open(health: () => ProbeResult = () => ({ healthy: true })) {
  const clock = new ManualClock();
  const router = new MemoryRouter({ clock });
  const runtime = new MemoryRuntime({ router, clock, health });
  await router.apply({ listen: { host: '127.0.0.1', port: 0 }, services: [{ name: 'api', route: null }] });
  const start = async (service: string, slot: 'blue' | 'green') => {
    const labels = { release: 'r1', image: `shop-${service}:demo-1`, digest: `sha256:${slot}`, configHash: 'c1' };
    const spec: InstanceSpec = { ...labels, service, slot, command: ['serve'], environment: {}, secrets: {} };
    await runtime.start(spec);
  };
  return { clock, router, runtime, start, blueGreen: openBlueGreen({ runtime, router, probe: runtime.probe, clock }) };
}

it('shows what is live and idle of each service, in the order of the registry, as it was found', async () => {
  const { router, runtime, start, blueGreen } = await open();
  for (const [service, slot] of [
    ['api', 'blue'],
    ['api', 'green'],
    ['mailer', 'green'],
    ['legacy', 'blue'],
  ] as const) {
    await start(service, slot);
  }
  await router.switchTo({ release: 'r1', slots: { api: 'green' }, expected: null });
  await runtime.stop({ service: 'api', slot: 'blue', timeoutMs: 1_000 });

  const { generation, services, drift } = await blueGreen.status({ services: [mailer, api] });
  expect(generation?.slots).toEqual({ api: 'green' });
  expect(services.map(({ service }) => service)).toEqual(['mailer', 'api', 'legacy']);
  expect(services.slice(0, 2)).toMatchObject([
    { live: { slot: 'green', state: 'running', healthy: true }, idle: null },
    {
      live: { slot: 'green', digest: 'sha256:green', image: 'shop-api:demo-1', release: 'r1', healthy: true },
      idle: { slot: 'blue', state: 'stopped', healthy: null, since: '2026-01-01T00:00:00.000Z' },
    },
  ]);
  expect(services[2]).toMatchObject({ live: null, idle: { slot: 'blue', state: 'running', healthy: null } });
  expect(drift).toMatchObject([{ kind: 'unknown', service: 'legacy', next: 'maestro deploy' }]);
});

it('tells what is ill, and what cannot be asked', async () => {
  const { start, blueGreen } = await open(() => ({ healthy: false, reason: 'status', detail: 'answered 503' }));
  await start('api', 'blue');
  const idle = async (service: ExpectedService) => (await blueGreen.status({ services: [service] })).services[0]?.idle;
  expect(await idle(api)).toMatchObject({ healthy: false });
  expect(await idle({ ...api, check: { ...check, kind: 'image' } })).toMatchObject({ healthy: null });
});

it('waits for no instance longer than it was told', async () => {
  const { clock, runtime, start, router } = await open();
  await start('api', 'blue');
  const blueGreen = openBlueGreen({ runtime, router, probe: () => new Promise(() => undefined), clock });
  const status = blueGreen.status({ services: [api], timeoutMs: 200 });
  await clock.advance(400);
  expect((await status).services[0]?.idle).toMatchObject({ healthy: false });
});

it('asks a single replica through the router alone, and each of several directly, too', async () => {
  const { runtime, start, router } = await open();
  await start('api', 'blue');
  const asked: string[] = [];
  const replicas = { count: 1 };
  const blueGreen = openBlueGreen({
    router,
    runtime: {
      observe: async () =>
        (await runtime.observe()).map((instance) => ({
          ...instance,
          addresses: Array.from({ length: replicas.count }, (_, index) => ({ host: `10.0.0.${index + 1}`, port: 80 })),
        })),
      start: (spec) => runtime.start(spec),
      stop: (key) => runtime.stop(key),
      keepRunning: (key) => runtime.keepRunning(key),
      logs: (key) => runtime.logs(key),
    },
    probe: ({ url }) => {
      asked.push(new URL(url).hostname);
      return Promise.resolve({ healthy: true });
    },
  });
  const { hostname } = new URL((await router.preview({ service: 'api', slot: 'blue', path: '/' })).url);
  expect((await blueGreen.status({ services: [api] })).services[0]?.idle).toMatchObject({ healthy: true });
  expect(asked.splice(0)).toEqual([hostname]);
  replicas.count = 2;
  expect((await blueGreen.status({ services: [api] })).services[0]?.idle).toMatchObject({ healthy: true });
  expect(asked).toEqual(['10.0.0.1', '10.0.0.2', hostname]);
});
