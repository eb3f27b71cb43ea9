import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { systemClock } from '@maestro/core';
import { selfSigned } from '@maestro/services/self-signed';
import { expect, it, onTestFinished } from 'vitest';

import type { LoadReport } from '../src/benchmarks/switch/load/load-counts.ts';
import { everyKind, type LoadPlan } from '../src/benchmarks/switch/load/load-plan.ts';
import { underLoad } from '../src/benchmarks/switch/load/under-load.ts';

const timeout = 60_000;

/** Answers as the service does; `number` counts requests from 1 on. */
type Answering = (number: number, ...args: Parameters<RequestListener>) => void;

const right: Answering = (_, request, response) => {
  if (request.url?.startsWith('/events') === true) {
    const count = Number(new URL(request.url, 'http://service').searchParams.get('count'));
    response.end(Array.from({ length: count }, (__, index) => `data: blue ${index + 1}\n\n`).join(''));
    return;
  }
  let bytes = 0;
  request.on('data', (piece: Buffer) => (bytes += piece.length));
  request.on('end', () => response.end(`blue got ${bytes} bytes .`));
};

async function listen(server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function serve(answer: Answering) {
  const seen = { requests: 0 };
  const listener: RequestListener = (request, response) => {
    seen.requests += 1;
    answer(seen.requests, request, response);
  };
  const port = await listen(createServer(listener));
  const { certificate: cert, key } = await selfSigned({ title: 'load', hosts: [] });
  const tlsPort = await listen(createSecureServer({ cert, key, allowHTTP1: true }, listener as never) as never);
  return { target: { host: '127.0.0.1', port, tlsPort }, seen };
}

/** The load of a moment. */
async function loadOf(plan: LoadPlan): Promise<LoadReport> {
  const { signal } = new AbortController();
  return (await underLoad(plan, { signal }, () => systemClock.sleep(500))).load;
}

it('is of every kind, and nothing fails where nothing happens', { timeout }, async () => {
  const { target, seen } = await serve(right);
  const load = await loadOf({ targets: [target], clients: everyKind });
  expect(load).toMatchObject({ requests: seen.requests, failed: 0, turnedAway: 0, failures: {} });
  expect(Object.keys(load.kinds)).toHaveLength(15);
  for (const { requests } of Object.values(load.kinds)) expect(requests).toBeGreaterThan(0);
  expect(load.seconds).toBeGreaterThan(0);
});

it.each<[string, Answering]>([
  ['ECONNRESET', (_, request) => request.socket.destroy()],
  ['status 502', (_, __, response) => response.writeHead(502).end()],
  ['wrong answer', (_, __, response) => response.end('blue got 1 bytes .')],
  [
    'ECONNRESET',
    (_, __, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('begin', () => response.destroy());
    },
  ],
])('counts as %s what fails so, and sends nothing again', { timeout }, async (failure, faulty) => {
  const { target, seen } = await serve((number, ...args) => {
    (number % 10 === 0 ? faulty : right)(number, ...args);
  });
  const clients = everyKind.filter(({ transport, pace }) => transport === 'HTTP/1.1' && 'everyMs' in pace);
  const load = await loadOf({ targets: [target], clients });
  expect(load.requests).toBe(seen.requests);
  expect(load.failures).toEqual({ [failure]: load.failed });
  expect(load.failed).toBe(Math.floor(load.requests / 10));
  expect(load.failed).toBeGreaterThan(0);
});

it('knows requests that a server has not begun from those that failed', { timeout }, async () => {
  const refused = 7;
  const internal = 2;
  const { target, seen } = await serve((number, request, response) => {
    const { stream } = response as unknown as { readonly stream: { close(code: number): void } };
    if (number % 10 > 1) right(number, request, response);
    else stream.close(number % 10 === 0 ? refused : internal);
  });
  const clients = everyKind.filter(({ transport, pace }) => transport === 'HTTP/2' && 'everyMs' in pace);
  const load = await loadOf({ targets: [target], clients });
  expect(load.requests).toBe(seen.requests);
  expect(load.turnedAway).toBe(Math.floor(load.requests / 10));
  expect(load.failures).toEqual({ 'HTTP/2 error 2': load.failed });
  expect(load.failed).toBe(Math.floor((load.requests + 9) / 10));
});

it('ends with a process of load that cannot begin', { timeout }, async () => {
  const clients = everyKind.filter(({ transport }) => transport === 'HTTP/2');
  const plan = { targets: [{ host: '127.0.0.1', port: 1, tlsPort: null }], clients };
  const { signal } = new AbortController();
  const work = () => systemClock.sleep(20_000);
  await expect(underLoad(plan, { signal }, work)).rejects.toMatchObject({ code: 'BENCH_PEER_FAILED' });
});
