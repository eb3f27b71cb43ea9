import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { type HealthCheck, openBlueGreen } from '../../src/index.ts';
import { ask, openForTest, specOf, type TestEnvironment, urlOf } from './environment.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const green = { service: 'api', slot: 'green' } as const;
const times = { timeoutMs: 5_000, intervalMs: 50, deadlineMs: 30_000 };

function open({ embedded }: TestEnvironment) {
  const { runtime, router } = embedded;
  return openBlueGreen({ runtime, router });
}

it('knows by each kind of check whether a service is healthy', async () => {
  const environment = await openForTest();
  await environment.listen();
  const blueGreen = open(environment);
  await blueGreen.start(specOf(blue, { environment: { HEALTH: 'all is down' } }));
  const probe = (check: HealthCheck) => blueGreen.probe({ ...blue, check, host: null });

  await probe({ ...times, kind: 'tcp' });
  await probe({ ...times, path: '/health', statuses: [[503, 503]], body: { matches: '^all is' } });
  const failing = { ...times, path: '/health', failures: 2 };
  await expect(probe(failing)).rejects.toMatchObject({
    details: { reason: 'status', detail: expect.stringContaining('all is down') as string },
  });
  await expect(probe({ ...failing, path: '/', body: { contains: 'ready' } })).rejects.toMatchObject({
    details: { reason: 'body' },
  });
  await expect(probe({ ...times, kind: 'image' })).rejects.toMatchObject({ code: 'BLUEGREEN_CHECK_UNSUPPORTED' });
  await expect(probe({ ...times, kind: 'command', command: ['true'] })).rejects.toMatchObject({
    code: 'BLUEGREEN_CHECK_UNSUPPORTED',
  });
});

it('tells that a service does not know its Host', async () => {
  const environment = await openForTest();
  await environment.listen();
  const blueGreen = open(environment);
  await blueGreen.start(specOf(blue, { environment: { ALLOWED_HOST: 'shop.example' } }));
  const check = { ...times, path: '/health' };
  await blueGreen.probe({ ...blue, check, host: 'shop.example' });
  await expect(
    blueGreen.probe({ ...blue, check: { ...check, failures: 2 }, host: 'other.example' }),
  ).rejects.toMatchObject({
    code: 'BLUEGREEN_HEALTH_TIMEOUT',
    details: {
      reason: 'wrong-host',
      detail: expect.stringContaining('the Host other.example is not allowed') as string,
    },
    hint: expect.stringContaining('health.host') as string,
  });
});

it('switches back from a version that keeps crashing, while the one before is warm', async () => {
  const environment = await openForTest();
  const { url } = await environment.listen();
  const blueGreen = open(environment);
  for (const key of [blue, green]) {
    await blueGreen.start(specOf(key));
    await blueGreen.probe({ ...key, check: { ...times, path: '/health' }, host: null });
  }
  const { generation: previous } = await blueGreen.switchTo({ release: 'r1', slots: { api: 'blue' }, expected: null });
  const { generation } = await blueGreen.switchTo({
    release: 'r2',
    slots: { api: 'green' },
    expected: previous.number,
  });
  const instance = (await blueGreen.observe()).instances.find(({ slot }) => slot === 'green');
  if (instance === undefined) throw new Error('green was not started');
  const stop = new AbortController();
  const baking = blueGreen.bake({ generation, previous, bakeMs: 60_000, intervalMs: 50 }).finally(() => {
    stop.abort();
  });
  // Asked at its own address: what answers outsiders must be blue again in the end.
  while (!stop.signal.aborted) {
    await ask(`${urlOf(instance)}/exit?code=3`).catch(() => undefined);
    await delay(20);
  }
  expect(await baking).toMatchObject({ kind: 'returned', generation: { release: 'r1', slots: { api: 'blue' } } });
  expect(await ask(url)).toMatchObject({ status: 200, body: 'blue' });
});

it('waits for a WebSocket no longer than it is told, and for requests as long as they may take', async () => {
  const environment = await openForTest();
  const { url } = await environment.listen();
  const blueGreen = open(environment);
  await environment.live('green', 'blue');
  const socket = new WebSocket(url.replace('http', 'ws'));
  await once(socket, 'open');
  const answer = ask(`${url}/slow?ms=1500`);
  await blueGreen.probe({ ...blue, check: { ...times, path: '/health' }, host: null });
  await environment.switchTo({ api: 'green' });

  const { left } = await blueGreen.drain({ ...blue, deadlineMs: 30_000, longLivedDeadlineMs: 100 });
  expect(left).toBe(1);
  expect(await answer).toMatchObject({ status: 200 });
  socket.close();
  expect(await blueGreen.drain({ ...blue, deadlineMs: 30_000 })).toEqual({ left: 0 });
});
