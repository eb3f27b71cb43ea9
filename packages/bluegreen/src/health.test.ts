import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import type { BlueGreenEvent } from './events.ts';
import { waitUntilHealthy } from './health.ts';
import type { HttpCheck } from './health-check.ts';
import type { ProbeRequest, ProbeResult } from './ports/probe.ts';
import { MemoryRouter, MemoryRuntime } from './testing.ts';

const key = { service: 'api', slot: 'green' } as const;
const check = { path: '/health', timeoutMs: 200, intervalMs: 100, deadlineMs: 1_000 };
const healthy: ProbeResult = { healthy: true };

/** Waits for an instance whose probes are answered one after the other by `answers`, and then by the last of them. */
async function waiting(
  answers: readonly ProbeResult[],
  options: {
    readonly host?: string;
    readonly secret?: string;
    readonly times?: Partial<HttpCheck>;
    readonly kind?: 'image';
  } = {},
) {
  const { host = null, secret = '', times = {}, kind } = options;
  const clock = new ManualClock();
  const router = new MemoryRouter({ clock });
  const runtime = new MemoryRuntime({ router, clock });
  await router.apply({ listen: { host: '127.0.0.1', port: 0 }, services: [{ name: 'api', route: null }] });
  await runtime.start({
    ...key,
    release: 'r1',
    image: 'shop-api:demo-abc1234',
    digest: 'sha256:one',
    configHash: 'c1',
    command: ['serve'],
    environment: {},
    secrets: {},
  });
  const events: BlueGreenEvent[] = [];
  const requests: ProbeRequest[] = [];
  const wait = () =>
    waitUntilHealthy({
      key,
      check: kind === undefined ? { ...check, ...times } : { ...check, ...times, kind },
      host,
      runtime,
      router,
      clock,
      probes: {
        http: (request) => {
          requests.push(request);
          return Promise.resolve(answers[requests.length - 1] ?? answers.at(-1) ?? healthy);
        },
        tcp: () => Promise.resolve(healthy),
        command: null,
      },
      emit: (event) => events.push(event),
      scrub: (text) => (secret === '' ? text : text.replaceAll(secret, '***')),
    });
  return { clock, runtime, events, requests, wait };
}

/** What a promise was rejected with, once time has passed. */
async function failureOf(promise: Promise<void>, clock: ManualClock, ms: number): Promise<unknown> {
  const caught = promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );
  await clock.advance(ms);
  return caught;
}

it('asks directly until that goes well, then through the router, with the Host of outsiders', async () => {
  const refused: ProbeResult = { healthy: false, reason: 'refused', detail: 'nothing listens at its port' };
  const { clock, events, requests, wait } = await waiting([refused, refused, healthy], { host: 'shop.example' });
  const done = wait();
  await clock.advance(200);
  await done;
  const [direct, through] = ['http://127.0.0.1:50000/health', 'http://127.0.0.1:40001/health'];
  expect(requests.map(({ url }) => url)).toEqual([direct, direct, direct, through]);
  expect(requests.map(({ headers }) => headers.host)).toEqual(Array.from({ length: 4 }, () => 'shop.example'));
  expect(events).toEqual([
    { type: 'probe-failed', ...key, detail: 'nothing listens at its port' },
    { type: 'healthy', ...key, attempts: 3, elapsedMs: 200 },
  ]);
});

it.each([
  ['refused', /listen on the PORT and HOST/],
  ['timeout', /health.timeoutMs/],
  ['redirect', /without a redirect/],
  ['status', /complains about/],
  ['broken', /closed the connection/],
  ['body', /health.body/],
  ['tls', /speak plain HTTP/],
] as const)('gives up at the deadline on %s answers, with a hint for them', async (reason, hint) => {
  const { clock, runtime, wait } = await waiting([{ healthy: false, reason, detail: `it was ${reason}` }]);
  runtime.print(key, 'starting up');
  const failure = await failureOf(wait(), clock, 1_000);
  expect(failure).toMatchObject({
    code: 'BLUEGREEN_HEALTH_TIMEOUT',
    message: `api was not healthy in green within 1000 ms: /health, asked directly, it was ${reason}\nits last lines:\n  starting up`,
    hint: expect.stringMatching(hint) as string,
    details: { ...key, reason, detail: `it was ${reason}`, log: ['starting up'] },
  });
});

it('tells when only the way through the router fails', async () => {
  const redirect: ProbeResult = { healthy: false, reason: 'redirect', detail: 'answered 301' };
  const { clock, wait } = await waiting(Array.from({ length: 20 }, () => [healthy, redirect]).flat());
  expect(await failureOf(wait(), clock, 1_000)).toMatchObject({
    message: expect.stringContaining('asked through the proxy, answered 301') as string,
  });
});

it('gives up at the deadline on a probe that never answers', async () => {
  const { clock, runtime, wait } = await waiting([]);
  runtime.observe = () => new Promise(() => undefined);
  expect(await failureOf(wait(), clock, 1_000)).toMatchObject({
    code: 'BLUEGREEN_HEALTH_TIMEOUT',
    details: { reason: 'timeout', detail: 'no probe was answered' },
  });
});

it('ends the wait as soon as the instance crashed, with its last twenty lines', async () => {
  const refused: ProbeResult = { healthy: false, reason: 'refused', detail: 'nothing listens at its port' };
  const { clock, runtime, wait } = await waiting([refused]);
  for (let line = 1; line <= 22; line += 1) runtime.print(key, `line ${line}`);
  const failing = failureOf(wait(), clock, 100);
  runtime.crash(key, 'exit code 3');
  expect(await failing).toMatchObject({
    code: 'BLUEGREEN_CRASHED',
    message: expect.stringMatching(
      /^api crashed in green: it ended with exit code 3\nits last lines:\n {2}line 3\n/,
    ) as string,
    details: { reason: 'crashed', log: Array.from({ length: 20 }, (_, index) => `line ${index + 3}`) },
  });
  expect(clock.now()).toBe(Date.UTC(2026, 0, 1) + 100);
});

it('says what to do about an instance that ran out of memory', async () => {
  const { clock, runtime, wait } = await waiting([healthy]);
  runtime.crash(key, 'exit code 137, out of memory');
  expect(await failureOf(wait(), clock, 0)).toMatchObject({
    code: 'BLUEGREEN_CRASHED',
    hint: expect.stringContaining('more memory') as string,
  });
});

it('takes a restart for the crash that it is', async () => {
  const { clock, runtime, wait } = await waiting([{ healthy: false, reason: 'refused', detail: 'nothing listens' }]);
  const observe = runtime.observe.bind(runtime);
  const failing = failureOf(wait(), clock, 100);
  runtime.observe = async () => (await observe()).map((instance) => ({ ...instance, restarts: 1 }));
  expect(await failing).toMatchObject({
    code: 'BLUEGREEN_CRASHED',
    details: { reason: 'crashed', detail: 'it ended and was started again' },
  });
});

const failed: ProbeResult = { healthy: false, reason: 'status', detail: 'answered 503' };

it('wants as many good answers in a row as the check says', async () => {
  const ways = [healthy, healthy];
  const answers = [...ways, ...ways, failed, ...ways, ...ways, ...ways];
  const { clock, events, requests, wait } = await waiting(answers, { times: { successes: 3 } });
  const done = wait();
  await clock.advance(500);
  await done;
  expect(requests).toHaveLength(11);
  expect(events.at(-1)).toMatchObject({ type: 'healthy', attempts: 6 });
});

it('tells at the deadline that good answers were too few', async () => {
  const { clock, wait } = await waiting([healthy], { times: { successes: 30 } });
  expect(await failureOf(wait(), clock, 1_000)).toMatchObject({
    code: 'BLUEGREEN_HEALTH_TIMEOUT',
    details: { reason: 'timeout', detail: 'was well, but not 30 times in a row' },
  });
});

it('gives up after so many failures in a row, which do not count in the start period', async () => {
  const { clock, requests, wait } = await waiting([failed], { times: { failures: 3, startPeriodMs: 400 } });
  expect(await failureOf(wait(), clock, 700)).toMatchObject({
    code: 'BLUEGREEN_HEALTH_TIMEOUT',
    message: expect.stringContaining('within 600 ms') as string,
  });
  expect(requests).toHaveLength(7);
});

it.each([
  ['healthy', null],
  ['unhealthy', 'BLUEGREEN_HEALTH_TIMEOUT'],
] as const)('waits until the HEALTHCHECK of an image says that it is %s', async (said, code) => {
  const { clock, runtime, wait } = await waiting([], { kind: 'image', times: { failures: 1 } });
  const [instance] = await runtime.observe();
  let looks = 0;
  runtime.observe = () => {
    looks += 1;
    const imageHealth = looks > 3 ? said : 'starting';
    return Promise.resolve(instance === undefined ? [] : [{ ...instance, imageHealth }]);
  };
  const ended = wait().then(
    () => null,
    (error: unknown) => error,
  );
  await clock.advance(1_000);
  expect(await ended).toEqual(code === null ? null : expect.objectContaining({ code }));
  expect(looks).toBeGreaterThan(3);
});

it('ends the wait for an instance that was never started', async () => {
  const { clock, runtime, wait } = await waiting([healthy]);
  runtime.observe = () => Promise.resolve([]);
  expect(await failureOf(wait(), clock, 0)).toMatchObject({ code: 'BLUEGREEN_CRASHED', details: { reason: 'gone' } });
});

it('shows no secret that a service printed or answered with, also where the end is cut off', async () => {
  const secret = 'p4ss-very-secret\nsecond line of it';
  const detail = `answered 503: ${'x'.repeat(275)}${secret} and so on`;
  const { clock, runtime, events, wait } = await waiting([{ healthy: false, reason: 'status', detail }], { secret });
  for (const line of secret.split('\n')) runtime.print(key, line);
  const failure = await failureOf(wait(), clock, 1_000);
  expect(failure).toMatchObject({ code: 'BLUEGREEN_HEALTH_TIMEOUT', details: { log: ['***'] } });
  const shown = JSON.stringify([failure, events]);
  expect(shown).toContain('answered 503');
  expect(shown).not.toContain('p4ss');
  expect(shown).not.toContain('second line');
});

it('stops with the reason of the signal', async () => {
  const { runtime, wait } = await waiting([healthy]);
  const reason = new Error('stopped by the operator');
  runtime.observe = () => Promise.reject(reason);
  await expect(wait()).rejects.toBe(reason);
});
