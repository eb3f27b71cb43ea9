import { once } from 'node:events';
import { Agent, type ClientRequest, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import { ask, openForTest, TestEnvironment, until } from './environment.ts';

const blue = { service: 'api', slot: 'blue' } as const;

let environment: TestEnvironment;
let url = '';

beforeAll(async () => {
  environment = await TestEnvironment.open();
  ({ url } = await environment.listen());
  await environment.live('blue');
});
afterAll(() => environment.dispose());

function comesToRest(): Promise<void> {
  return until(async () => {
    const { requests, connections } = await environment.embedded.router.inFlight(blue);
    return requests + connections === 0;
  });
}

/** Sends bytes as they are and reads until the other side closes. */
async function converse(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(bytes);
  return text(socket);
}

const webSocketRequest = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
  '\r\n',
].join('\r\n');

/** Sends bytes and cuts the connection, as a client does that loses its network. */
async function reset(to: string, bytes: string, afterMs: number): Promise<void> {
  const { hostname, port } = new URL(to);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.once('error', () => undefined);
  await new Promise((resolve) => socket.resume().write(bytes, resolve));
  await delay(afterMs);
  socket.resetAndDestroy();
}

function bodyOf(request: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      text(response).then(resolve, reject);
    });
  });
}

it('passes on methods, bodies, statuses and who asked', async () => {
  expect(await ask(`${url}/echo`, { method: 'POST', body: 'a body' })).toMatchObject({ status: 200, body: 'a body' });
  expect(await ask(`${url}/status?code=204`)).toMatchObject({ status: 204, body: '' });
  expect(await ask(`${url}/status?code=304`)).toMatchObject({ status: 304, body: '' });
  expect(await ask(`${url}/`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(await ask(`${url}/`, { method: 'DELETE' })).toMatchObject({ status: 200, body: 'blue' });
  const seen: unknown = JSON.parse((await ask(`${url}/headers`, { headers: { host: 'shop.example' } })).body);
  expect(seen).toMatchObject({
    host: 'shop.example',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'shop.example',
  });
});

it('keeps a client connection open although the service closes its own', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { headers } = await ask(`${url}/close`, { agent });
  expect(headers.connection).toBe('keep-alive');
  const again = httpRequest(`${url}/`, { agent }).end();
  await once(again, 'response');
  expect(again.reusedSocket).toBe(true);
  agent.destroy();
});

it('passes on a chunked body', async () => {
  const request = httpRequest(`${url}/echo`, { method: 'POST', agent: false });
  const answered = bodyOf(request);
  request.write('first, ');
  await delay(20);
  request.end('second');
  expect(await answered).toBe('first, second');
});

it('lets a client that asks first continue', async () => {
  const request = httpRequest(`${url}/echo`, {
    method: 'POST',
    headers: { expect: '100-continue', 'content-length': '7' },
    agent: false,
  });
  const answered = bodyOf(request);
  request.flushHeaders();
  await once(request, 'continue');
  request.end('go then');
  expect(await answered).toBe('go then');
});

it('passes on headers of 12 kB', async () => {
  const long = 'h'.repeat(12_000);
  expect((await ask(`${url}/headers`, { headers: { 'x-long': long } })).body).toContain(long);
});

it('answers a client that speaks HTTP/1.0', async () => {
  const answer = await converse(url, 'GET /download?bytes=65536 HTTP/1.0\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.[01] 200 /);
  expect(answer).not.toMatch(/transfer-encoding/i);
  expect(answer.split('\r\n\r\n')[1]).toHaveLength(65_536);
});

it('answers pipelined requests in their order', async () => {
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const answer = await converse(url, get('/slow?ms=100') + get('/status?code=204') + get('/', 'Connection: close\r\n'));
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 200']);
});

it('shows a broken response as broken, and counts it no longer', async () => {
  await expect(ask(`${url}/break`)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  await comesToRest();
});

it('tells the service that a client is gone, and counts it no longer', async () => {
  for (const path of ['/silent?ms=60000', '/events', '/download?bytes=100000000']) {
    const request = httpRequest(url + path, { agent: false }).end();
    request.once('error', () => undefined);
    await until(async () => (await environment.embedded.router.inFlight(blue)).requests === 1);
    request.destroy();
    await comesToRest();
  }
});

it('lets a silent answer take longer than an idle connection may', async () => {
  expect((await ask(`${url}/silent?ms=1500`)).body).toBe('blue');
});

it('gives each visitor a cookie beside those of the service while there is a canary, and keeps to it', async () => {
  const tried = await openForTest();
  const addresses = await tried.listen();
  await tried.live('green', 'blue');
  const { router } = tried.embedded;
  const expected = (await router.generation())?.number ?? null;
  const request = { release: 'tried', slots: { api: 'blue' } as const, canaryPercents: { api: 50 }, expected };
  expect((await ask(`${addresses.url}/cookie`)).headers['set-cookie']).toEqual(['own=1']);
  await router.switchTo(request);
  for (let visitor = 0; visitor < 10; visitor += 1) {
    const { body, headers } = await ask(`${addresses.url}/cookie`);
    const [own, cookie = ''] = headers['set-cookie'] as readonly string[];
    expect([own, cookie]).toEqual(['own=1', expect.stringMatching(/^maestro_visitor=[^;]+; Path=\/; HttpOnly/)]);
    const again = await ask(`${addresses.url}/cookie`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect([again.body, again.headers['set-cookie']]).toEqual([body, ['own=1']]);
  }
});

it('answers 404 without a route and 503 without a deployed service', async () => {
  const empty = await openForTest();
  await empty.embedded.ensureRunning();
  const addresses = await empty.embedded.router.apply({
    listen: { host: '127.0.0.1', port: 0 },
    services: [{ name: 'api', route: { host: null, path: '/api' } }],
  });
  expect(await ask(`${addresses.url}/other`)).toMatchObject({ status: 404 });
  expect(await ask(`${addresses.url}/api`)).toMatchObject({ status: 503 });
  expect(await ask(addresses.services.api ?? '')).toMatchObject({ status: 503 });
});

it('passes WebSocket messages both ways, and counts the connection', async () => {
  const socket = new WebSocket(url.replace('http', 'ws'));
  await once(socket, 'open');
  socket.send('hello');
  expect(String((await once(socket, 'message'))[0])).toBe('blue: hello');
  expect(await environment.embedded.router.inFlight(blue)).toEqual({ requests: 0, connections: 1 });
  socket.close();
  await comesToRest();
});

it('survives clients that reset an upgrade which is refused', async () => {
  const empty = await openForTest();
  const addresses = await empty.listen();
  const daemon = await empty.daemonPid();
  for (let round = 0; round < 20; round += 1) {
    await reset(addresses.url, webSocketRequest, 0);
  }
  expect(await ask(addresses.url)).toMatchObject({ status: 503 });
  expect(await empty.daemonPid()).toBe(daemon);
});

it('survives clients that reset their connection anywhere in a request', async () => {
  const daemon = await environment.daemonPid();
  const requests = [
    'GET /slow?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234',
    'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\nno length',
    webSocketRequest,
    'NOT HTTP\r\n\r\n',
  ];
  for (const request of requests) {
    const cuts = Array.from({ length: 8 }, (_, part) => request.slice(0, Math.ceil((request.length * (part + 1)) / 8)));
    await Promise.all(cuts.flatMap((bytes) => [reset(url, bytes, 2), reset(url, bytes, 30)]));
  }
  await comesToRest();
  expect((await ask(url)).body).toBe('blue');
  expect(await environment.daemonPid()).toBe(daemon);
});

it('answers a request that offers an upgrade to anything but WebSocket as if it did not', async () => {
  const answer = await converse(url, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

it('reuses connections to a service, except those the service is about to close', async () => {
  const connection = async () => (await ask(`${url}/connection`)).body;
  expect(await connection()).toBe(await connection());

  await environment.start({ service: 'api', slot: 'green' }, { KEEP_ALIVE_MS: '1000' });
  await environment.switchTo({ api: 'green' });
  onTestFinished(async () => {
    await environment.switchTo({ api: 'blue' });
  });
  expect(await connection()).not.toBe(await connection());
});
