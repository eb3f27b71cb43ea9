import { describe, expect, it } from 'vitest';

import { askInstance, type AskOptions } from './ask-instance.ts';
import type { ProbeRequest, ProbeResult } from './ports/probe.ts';
import { MemoryRouter } from './testing.ts';
import { sampleInstance } from './testing/sample-instance.ts';

const key = { service: 'api', slot: 'green' } as const;
const times = { timeoutMs: 200, intervalMs: 100, deadlineMs: 1_000 };
const http = { ...times, path: '/health' };
const healthy: ProbeResult = { healthy: true };
const refused: ProbeResult = { healthy: false, reason: 'refused', detail: 'nothing listens at its port' };

const instance = sampleInstance({
  ...key,
  addresses: [
    { host: '10.0.0.2', port: 8080 },
    { host: '10.0.0.3', port: 8080 },
  ],
});

function answered(status: number): ProbeResult {
  return { healthy: false, reason: 'status', detail: `answered ${status}`, status };
}

/** Asks with probes that a test answers, and tells what they were asked. */
async function ask(
  answer: (request: ProbeRequest) => ProbeResult,
  { host = null, check = http, ...overrides }: Partial<AskOptions> = {},
) {
  const router = new MemoryRouter();
  await router.apply({ listen: { host: '127.0.0.1', port: 0 }, services: [{ name: 'api', route: null }] });
  const requests: ProbeRequest[] = [];
  const probes: AskOptions['probes'] = {
    http: (request) => {
      requests.push(request);
      return Promise.resolve(answer(request));
    },
    tcp: () => Promise.resolve(healthy),
    command: null,
  };
  const signal = new AbortController().signal;
  const sighting = await askInstance({ instance, host, check, router, probes, signal, ...overrides });
  return { sighting, requests };
}

const isDirect = ({ url }: ProbeRequest) => url.includes('10.0.0.');

describe('HTTP', () => {
  it('is asked at each replica and then through the router, with the Host of outsiders and what is expected', async () => {
    const check = { ...http, statuses: [[200, 399]] as const, body: { contains: 'ok' } };
    const { sighting, requests } = await ask(() => healthy, { host: 'shop.example', check });
    expect(sighting).toEqual({ healthy: true });
    expect(requests.map(({ url }) => url)).toEqual([
      'http://10.0.0.2:8080/health',
      'http://10.0.0.3:8080/health',
      'http://127.0.0.1:40001/health',
    ]);
    for (const { headers, expected, timeoutMs } of requests) {
      expect(headers.host).toBe('shop.example');
      expect(expected).toEqual({ statuses: [[200, 399]], body: { contains: 'ok' } });
      expect(timeoutMs).toBe(200);
    }
  });

  it('is asked with the Host of the check where it has one', async () => {
    const { requests } = await ask(() => healthy, { host: 'shop.example', check: { ...http, host: 'localhost' } });
    expect(new Set(requests.map(({ headers }) => headers.host))).toEqual(new Set(['localhost']));
  });

  it('is not asked through the router without traffic, nor before each replica is well', async () => {
    expect((await ask(() => healthy, { router: null })).requests).toHaveLength(2);
    const { sighting, requests } = await ask(({ url }) => (url.includes('10.0.0.3') ? refused : healthy));
    expect(requests).toHaveLength(2);
    expect(sighting).toMatchObject({ reason: 'refused', detail: 'replica 2 of 2: nothing listens at its port' });
  });

  it.each([400, 403, 404, 421])('tells a Host that is refused with %i from a service that is ill', async (status) => {
    const refusing = ({ headers }: ProbeRequest) => (headers.host === undefined ? healthy : answered(status));
    expect((await ask(refusing, { host: 'shop.example', router: null })).sighting).toMatchObject({
      reason: 'wrong-host',
      way: 'directly',
      detail: `replica 1 of 2: answered ${status}, but it answers well without the Host shop.example`,
    });
    const ill = await ask(() => answered(status), { host: 'shop.example' });
    expect(ill.sighting).toMatchObject({ reason: 'status', way: 'directly' });
  });

  it('tells a Host that is refused through the router only', async () => {
    const refusing = (request: ProbeRequest) =>
      isDirect(request) || request.headers.host === undefined ? healthy : answered(400);
    expect((await ask(refusing, { host: 'shop.example' })).sighting).toMatchObject({
      reason: 'wrong-host',
      way: 'through the proxy',
    });
  });

  it('asks once where a Host cannot be the reason', async () => {
    expect((await ask(() => answered(503), { host: 'shop.example' })).requests).toHaveLength(2);
    expect((await ask(() => answered(404))).requests).toHaveLength(2);
  });
});

describe('without HTTP', () => {
  it('asks the port of each replica', async () => {
    const asked: number[] = [];
    const probes: AskOptions['probes'] = {
      http: () => Promise.reject(new Error('not over HTTP')),
      tcp: ({ address }) => {
        asked.push(Number(address.host.at(-1)));
        return Promise.resolve(address.host === '10.0.0.2' ? refused : healthy);
      },
      command: null,
    };
    const { sighting } = await ask(() => healthy, { check: { ...times, kind: 'tcp' }, probes });
    expect(asked).toEqual([2, 3]);
    expect(sighting).toMatchObject({ reason: 'refused', way: 'directly' });
  });

  it('runs a command in the instance, where that can be done', async () => {
    const check = { ...times, kind: 'command', command: ['ready'] } as const;
    const failed: ProbeResult = { healthy: false, reason: 'failed', detail: 'ended with 1: no queue' };
    const probes: AskOptions['probes'] = {
      http: () => Promise.resolve(healthy),
      tcp: () => Promise.resolve(healthy),
      command: (request) =>
        Promise.resolve(request.command[0] === 'ready' && request.key.slot === 'green' ? failed : healthy),
    };
    expect((await ask(() => healthy, { check, probes })).sighting).toEqual({ ...failed, way: 'directly' });
    await expect(ask(() => healthy, { check })).rejects.toMatchObject({ code: 'BLUEGREEN_CHECK_UNSUPPORTED' });
  });

  it.each([
    ['healthy', true],
    ['starting', false],
    ['unhealthy', false],
  ] as const)('believes the HEALTHCHECK of the image: %s', async (imageHealth, well) => {
    const check = { ...times, kind: 'image' } as const;
    const { sighting } = await ask(() => healthy, { check, instance: { ...instance, imageHealth } });
    expect(sighting.healthy).toBe(well);
    if (!sighting.healthy) expect(sighting.reason).toBe(imageHealth);
  });

  it('refuses to wait for the HEALTHCHECK of an image that has none', async () => {
    const asking = ask(() => healthy, { check: { ...times, kind: 'image' } });
    await expect(asking).rejects.toMatchObject({
      code: 'BLUEGREEN_CHECK_UNSUPPORTED',
      message: 'the health of api.green cannot be checked: its image has no HEALTHCHECK',
    });
  });
});
